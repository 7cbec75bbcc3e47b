using System.Diagnostics;
using System.Reflection;
using Npgsql;
using Suture.Platform.Storage;

[assembly: AssemblyFixture(typeof(Suture.Tests.StoreFixture))]

namespace Suture.Tests;

/// <summary>Real stores for tests: SQLite files, and databases of a private PostgreSQL that is started at first use
/// (or of the one that <c>SUTURE_TEST_POSTGRES</c> names). Each test has a database of its own.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "suture-stores-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N"));
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<string> _databases = [];

    // Migrating takes ten times as long as copying what was migrated once.
    private readonly Dictionary<string, Task<string>> _migrated = [];
    private string? _postgres;
    private string? _whyNot;
    private int _count;

    /// <summary>Every storage test runs on both.</summary>
    public static TheoryData<string> Engines => ["sqlite", "postgresql"];

    /// <summary>An empty store that is migrated.</summary>
    /// <param name="engine">One of <see cref="Engines"/>; the test is skipped, visibly, where PostgreSQL cannot be had.</param>
    /// <param name="modules">Modules whose tables it has; the platform's alone when none is named.</param>
    public async Task<Store> CreateAsync(string engine, params Assembly[] modules) => Store.Open(await MigratedLocationAsync(engine, modules));

    /// <summary>Where such a store lies.</summary>
    /// <param name="engine">One of <see cref="Engines"/>.</param>
    /// <param name="modules">As of <see cref="CreateAsync"/>.</param>
    public async Task<string> MigratedLocationAsync(string engine, params IReadOnlyList<Assembly> modules)
    {
        var tables = modules.Count == 0 ? [typeof(Store).Assembly] : modules;
        var key = $"{engine} {string.Join(' ', tables.Select(module => module.GetName().Name))}";
        Task<string> made;
        lock (_migrated)
        {
            made = _migrated.TryGetValue(key, out var known) ? known : _migrated[key] = MigrateAsync(engine, tables);
        }
        return await CopyAsync(engine, await made);
    }

    /// <summary>Where an empty store that is not migrated lies, to be opened by <see cref="Store.Open"/>, also more than once.</summary>
    /// <param name="engine">One of <see cref="Engines"/>.</param>
    public async Task<string> LocationAsync(string engine)
    {
        var number = Interlocked.Increment(ref _count);
        if (engine == "sqlite")
        {
            return Path.Combine(_folder, $"store-{number}.db");
        }
        return await CreateDatabaseAsync(number, "template0 encoding 'UTF8'");
    }

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_postgres is not null && Given is null)
        {
            await RunScriptAsync("stop", Cluster);
        }
        else if (_postgres is not null)
        {
            foreach (var name in _databases)
            {
                await AdministerAsync($"drop database if exists {name} with (force)");
            }
        }
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        _gate.Dispose();
    }

    private async Task<string> MigrateAsync(string engine, IReadOnlyList<Assembly> modules)
    {
        var location = await LocationAsync(engine);
        // A template that somebody is connected to, be it a pool, cannot be copied.
        await using var store = Store.Open(engine == "sqlite" ? location : new NpgsqlConnectionStringBuilder(location) { Pooling = false }.ToString());
        Migrator.Migrate(store, modules);
        return location;
    }

    private async Task<string> CopyAsync(string engine, string migrated)
    {
        var number = Interlocked.Increment(ref _count);
        if (engine != "sqlite")
        {
            return await CreateDatabaseAsync(number, new NpgsqlConnectionStringBuilder(migrated).Database!);
        }
        var copy = Path.Combine(_folder, $"store-{number}.db");
        File.Copy(migrated, copy);
        return copy;
    }

    private async Task<string> CreateDatabaseAsync(int number, string template)
    {
        var server = await ServerAsync();
        Assert.SkipWhen(server is null, $"PostgreSQL cannot be had: {_whyNot}");
        var name = $"suture_test_{Environment.ProcessId}_{number}";
        await AdministerAsync($"create database {name} template {template}");
        lock (_databases)
        {
            _databases.Add(name);
        }
        return new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 30, IncludeErrorDetail = true }.ToString();
    }

    private static string? Given => Environment.GetEnvironmentVariable("SUTURE_TEST_POSTGRES") is { Length: > 0 } given ? given : null;

    private string Cluster => _folder + "-postgres";

    private async Task<string?> ServerAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_postgres is null && _whyNot is null)
            {
                (_postgres, _whyNot) = Given is { } given ? (given, null) : await RunScriptAsync("start", Cluster);
            }
            return _postgres;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task AdministerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    // The server stays behind the script and would hold its streams open: they go to files.
    private static async Task<(string? Line, string? Fault)> RunScriptAsync(string verb, string directory)
    {
        var output = directory + ".out";
        var start = new ProcessStartInfo("/bin/bash") { ArgumentList = { "-c", "\"$0\" \"$1\" \"$2\" >\"$3\" 2>&1 </dev/null", Path.Combine(TestPaths.Repository, "tests/tools/postgres"), verb, directory, output } };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash does not start.");
        await process.WaitForExitAsync();
        var text = (await File.ReadAllTextAsync(output)).Trim();
        File.Delete(output);
        return process.ExitCode == 0 ? (text.Split('\n')[^1], null) : (null, text);
    }
}
