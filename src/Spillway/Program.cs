using Spillway.CommandLine;
using Spillway.Life;

return ProcessStart.Run(() => SpillwayCommand.Invoke(args));
