using Spillway.CommandLine;

return SpillwayCommand.Create().Parse(args).Invoke(new System.CommandLine.InvocationConfiguration { EnableDefaultExceptionHandler = false });
