using Suture.Cli;

var console = CliConsole.OfProcess();
return await CliApp.RunAsync(args, console);
