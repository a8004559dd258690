"""Facts -> charts: what each picture shows. How it is drawn is another matter."""
