return await Suture.Agent.Commands.CommandLine.RunAsync(args);
