return await Suture.Bench.BenchApp.RunAsync(args);
