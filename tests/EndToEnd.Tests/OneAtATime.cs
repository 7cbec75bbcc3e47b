// Endpoints share this machine's processors, and each story waits for real work to end.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
