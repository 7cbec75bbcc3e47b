using System.Reflection;
using DbUp;
using DbUp.Builder;
using DbUp.Engine.Output;

namespace Suture.Platform.Storage;

/// <summary>Brings a store to the schema of this build: numbered scripts, forward only.</summary>
public static class Migrator
{
    /// <summary>Runs all scripts that did not run yet, in the order of their numbers over all modules. Safe to call again.</summary>
    /// <param name="store">The store.</param>
    /// <param name="modules">Assemblies with embedded <c>Migrations/NNNN_what.sql</c>; numbers are unique over all of them.</param>
    /// <exception cref="InvalidOperationException">A script failed; names it. That script's changes are rolled back.</exception>
    public static void Migrate(Store store, IReadOnlyList<Assembly> modules)
    {
        var builder = store.Dialect.Name == "sqlite"
            ? DeployChanges.To.SqliteDatabase(store.ConnectionString)
            : DeployChanges.To.PostgresqlDatabase(store.ConnectionString);
        var engine = WithScripts(builder, modules)
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

    private static UpgradeEngineBuilder WithScripts(UpgradeEngineBuilder builder, IReadOnlyList<Assembly> modules) =>
        builder.WithScripts(modules.SelectMany(Scripts).OrderBy(script => script.Name, StringComparer.Ordinal).ToArray());

    private static IEnumerable<DbUp.Engine.SqlScript> Scripts(Assembly module)
    {
        foreach (var resource in module.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(module.GetManifestResourceStream(resource)!);
            var marker = resource.IndexOf(".Migrations.", StringComparison.Ordinal);
            yield return new DbUp.Engine.SqlScript(resource[(marker + ".Migrations.".Length)..], reader.ReadToEnd());
        }
    }
}
