"""Files of many records, read one record at a time in a window of fixed size."""
