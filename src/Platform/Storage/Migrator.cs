using System.Data.Common;
using System.Reflection;
using Dapper;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Suture.Platform.Storage;

/// <summary>Brings a store to the schema of this build: numbered scripts, forward only.</summary>
public static class Migrator
{
    /// <summary>Table that names the scripts which ran.</summary>
    public const string Journal = "platform_migration";

    // DbUp takes no lock: of several server nodes that start together one migrates, the others wait and find nothing to do.
    private const int WaitSecondsMax = 300;
    private const long LockKey = 0x5355_5455_5245; // "SUTURE"

    /// <summary>Runs all scripts that did not run yet, in the order of their numbers over all modules. Safe to call again, and by several at once.</summary>
    /// <param name="store">The store.</param>
    /// <param name="modules">Assemblies with embedded <c>Migrations/NNNN_what.sql</c>; numbers are unique over all of them.</param>
    /// <exception cref="InvalidOperationException">A script failed; names it. That script's changes are rolled back. Or two scripts have one number.</exception>
    public static void Migrate(Store store, IReadOnlyList<Assembly> modules)
    {
        var scripts = Ordered(modules.SelectMany(Scripts));
        using var guard = Guard(store);
        var engine = Target(store)
            .WithScripts(scripts)
            .WithVariables(store.Dialect.ColumnTypes.ToDictionary(pair => pair.Key, pair => pair.Value))
            .WithTransactionPerScript()
            .LogTo(new NoOpUpgradeLog())
            .Build();
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed on {store.Dialect.Name}: {result.Error.Message}", result.Error);
        }
    }

    internal static SqlScript[] Ordered(IEnumerable<SqlScript> scripts)
    {
        var ordered = scripts.OrderBy(script => script.Name, StringComparer.Ordinal).ToArray();
        var twins = ordered.GroupBy(script => script.Name.Split('_')[0]).FirstOrDefault(group => group.Count() > 1);
        return twins is null
            ? ordered
            : throw new InvalidOperationException($"Migrations {string.Join(" and ", twins.Select(script => script.Name))} have the same number; give one the next free number.");
    }

    private static UpgradeEngineBuilder Target(Store store) => store.Dialect.Name == "sqlite"
        ? DeployChanges.To.SqliteDatabase(store.ConnectionString).JournalToSqliteTable(Journal)
        : DeployChanges.To.PostgresqlDatabase(store.ConnectionString).JournalToPostgresqlTable("public", Journal);

    private static DbConnection Guard(Store store)
    {
        if (store.FilePath is { Length: > 0 } file)
        {
            OwnerOnly.EnsureFile(file + ".migrating");
        }
        // A connection of its own: the lock ends with it, also when this process is killed.
        DbConnection connection = store.Dialect.Name == "sqlite"
            ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store.FilePath + ".migrating", DefaultTimeout = WaitSecondsMax, Pooling = false }.ToString())
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(store.ConnectionString) { Pooling = false, CommandTimeout = WaitSecondsMax }.ToString());
        try
        {
            connection.Open();
            connection.Execute(store.Dialect.Name == "sqlite" ? "begin exclusive" : "select pg_advisory_lock(@LockKey)", new { LockKey });
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static IEnumerable<SqlScript> Scripts(Assembly module)
    {
        foreach (var resource in module.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(module.GetManifestResourceStream(resource)!);
            var marker = resource.IndexOf(".Migrations.", StringComparison.Ordinal);
            yield return new SqlScript(resource[(marker + ".Migrations.".Length)..], reader.ReadToEnd());
        }
    }
}
