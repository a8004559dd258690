"""Files and texts: atomic writes, JSON documents, checksums, tables, redaction. Knows no forecasting."""
