"""The rules of licensing: values and functions, told the day by their callers."""
