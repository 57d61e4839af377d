"""Forms made from pydantic models: one file for each kind of widget, chosen by what a field declares."""
