return Suture.Fuzz.FuzzApp.Run(args);
