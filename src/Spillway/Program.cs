using Spillway.CommandLine;

return SpillwayCommand.Invoke(args);
