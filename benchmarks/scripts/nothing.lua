-- A script that asks for nothing: the run without callbacks.
TrisulPlugin = { id = { name = "Nothing" } }
