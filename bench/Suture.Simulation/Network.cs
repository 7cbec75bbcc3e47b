using Suture.Agent.Transport;

namespace Suture.Simulation;

/// <summary>What lies between an agent and the server: messages take time, get lost, and arrive twice.</summary>
internal sealed class Network(World world)
{
    /// <summary>Sends a request and waits for its answer.</summary>
    internal async Task<Reply<T>> AskAsync<T>(Func<ServerLife, Task<Reply<T>>> request)
        where T : class
    {
        await world.Thread.Delay(world.Dice.Milliseconds(1, 300));
        if (world.Dice.Hits(world.Faults.Loss))
        {
            world.Counts.Lost++;
            return await SilentAsync<T>();
        }
        if (world.Dice.Hits(world.Faults.Twice))
        {
            world.Counts.Twice++;
            world.Begin(() => AgainAsync(request));
        }
        var reply = await DeliverAsync(request);
        await world.Thread.Delay(world.Dice.Milliseconds(1, 300));
        if (world.Dice.Hits(world.Faults.Loss))
        {
            world.Counts.Lost++;
            return await SilentAsync<T>();
        }
        return reply;
    }

    private async Task AgainAsync<T>(Func<ServerLife, Task<Reply<T>>> request)
        where T : class
    {
        await world.Thread.Delay(world.Dice.Milliseconds(1, 90_000));
        await DeliverAsync(request);
    }

    private async Task<Reply<T>> DeliverAsync<T>(Func<ServerLife, Task<Reply<T>>> request)
        where T : class
    {
        if (world.Server.Life is not { IsDead: false } server)
        {
            return new Reply<T>(ReplyOutcome.Unreachable, null, "The server is down.");
        }
        try
        {
            var reply = await request(server);
            return server.IsDead ? new Reply<T>(ReplyOutcome.Unreachable, null, "The connection broke.") : reply;
        }
        // As the server's own handler of exceptions: 500, and the agent comes again. A broken rule is no such thing.
        catch (Exception fault) when (fault is not BrokenRule)
        {
            world.Tell($"server error: {fault.Message}");
            return new Reply<T>(server.IsDead ? ReplyOutcome.Unreachable : ReplyOutcome.Busy, null, fault.Message);
        }
    }

    private async Task<Reply<T>> SilentAsync<T>()
        where T : class
    {
        await world.Thread.Delay(world.Dice.Milliseconds(1_000, 30_000));
        return new Reply<T>(ReplyOutcome.Unreachable, null, "No answer.");
    }
}
