"""Small frozen values that every other package is made of: sections, spaces, records, panels."""
