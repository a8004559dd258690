"""What is known of finished work: the results document, scores, gates, comparisons. No file layout, no drawing."""
