return await Suture.Server.Commands.ServerCommands.RunAsync(args);
