using System.Reflection;
using System.Text;
using Suture.Platform.Storage;

namespace Suture.Tests.Storage;

/// <summary>The migrations of all modules together. After a change: <c>UPDATE_GOLDEN=1</c>, then read the difference.</summary>
public sealed class MigrationTests(StoreFixture stores)
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly Assembly[] Modules =
        [.. new[] { "Platform", "Inventory", "Advisories", "Exposure", "Remediation" }.Select(name => Assembly.Load("Suture." + name))];

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Migrate_FromEmpty_GivesTheGoldenSchema(string engine)
    {
        await using var store = await stores.CreateAsync(engine, Modules);

        var schema = await DescribeAsync(store);

        var golden = Path.Combine(TestPaths.Repository, $"tests/golden/schema.{engine}.sql");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(golden, schema, None);
        }
        Assert.Equal(await File.ReadAllTextAsync(golden, None), schema);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Migrate_SecondTime_ChangesNothing(string engine)
    {
        await using var store = await stores.CreateAsync(engine, Modules);
        var before = await DescribeAsync(store);

        Migrator.Migrate(store, Modules);

        Assert.Equal(before, await DescribeAsync(store));
    }

    [Fact]
    public async Task Migrate_BothEngines_HaveTheSameTablesAndColumns()
    {
        await using var sqlite = await stores.CreateAsync("sqlite", Modules);
        await using var postgres = await stores.CreateAsync("postgresql", Modules);

        var onSqlite = await sqlite.ReadAsync(
            session => session.QueryAsync<string>(
                "select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c where m.type in ('table', 'view') and m.name not like 'sqlite_%' and m.name != @Journal order by 1",
                new { Migrator.Journal }),
            None);
        var onPostgres = await postgres.ReadAsync(
            session => session.QueryAsync<string>(
                "select (table_name || '.' || column_name) collate \"C\" from information_schema.columns where table_schema = 'public' and table_name != @Journal order by 1",
                new { Migrator.Journal }),
            None);

        Assert.Equal(onSqlite, onPostgres);
        Assert.Contains("remediation_job.payload", onSqlite);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Schema_TablesAndTimes_KeepTheHouseRules(string engine)
    {
        await using var store = await stores.CreateAsync(engine, Modules);

        var schema = await DescribeAsync(store);

        // A module's tables carry its name; times are 64-bit.
        var names = schema.Split('\n').Where(line => line.StartsWith("create table ", StringComparison.OrdinalIgnoreCase)).Select(line => line.Split(' ')[2].Trim('(', '"')).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name.Split('_')[0], Modules.Select(module => module.GetName().Name!["Suture.".Length..].ToLowerInvariant())));
        var times = schema.Split('\n').Select(line => line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 1 && words[0].EndsWith("_us", StringComparison.Ordinal) && words[0] != "on").ToList();
        Assert.NotEmpty(times);
        Assert.All(times, words => Assert.StartsWith("bigint", words[1], StringComparison.Ordinal));
    }

    private static Task<string> DescribeAsync(Store store) => store.ReadAsync(
        session => store.Dialect.Name == "sqlite" ? DescribeSqliteAsync(session) : DescribePostgresAsync(session), None);

    private static async Task<string> DescribeSqliteAsync(StoreSession session)
    {
        var texts = await session.QueryAsync<string>(
            "select sql from sqlite_master where sql is not null and name not like 'sqlite_%' and name != @Journal order by type desc, name", new { Migrator.Journal });
        return string.Concat(texts.Select(text => text.ReplaceLineEndings("\n").TrimEnd() + ";\n\n"));
    }

    private static async Task<string> DescribePostgresAsync(StoreSession session)
    {
        var text = new StringBuilder();
        var tables = await session.QueryAsync<string>(
            "select (c.relname::text) collate \"C\" from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r' and c.relname != @Journal order by 1",
            new { Migrator.Journal });
        foreach (var table in tables)
        {
            var columns = await session.QueryAsync<string>(
                """
                select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                  || case when a.attcollation != 0 and l.collname != 'default' then ' collate "' || l.collname || '"' else '' end
                  || case a.attidentity when 'a' then ' generated always as identity' else '' end
                  || case when a.attnotnull then ' not null' else '' end
                  || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
                from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum left join pg_collation l on l.oid = a.attcollation
                where a.attrelid = cast(@table as regclass) and a.attnum > 0 and not a.attisdropped order by a.attnum
                """,
                new { table });
            var rules = await session.QueryAsync<string>(
                "select pg_get_constraintdef(oid)::text collate \"C\" from pg_constraint where conrelid = cast(@table as regclass) order by contype, 1", new { table });
            text.Append($"create table {table} (\n  ").AppendJoin(",\n  ", columns.Concat(rules)).Append("\n);\n\n");
        }
        var indexes = await session.QueryAsync<string>(
            "select indexdef from pg_indexes where schemaname = 'public' and tablename != @Journal and indexname not like '%_pkey' order by indexname collate \"C\"", new { Migrator.Journal });
        text.Append(string.Concat(indexes.Select(index => index + ";\n"))).Append('\n');
        var views = await session.QueryAsync<string>(
            "select 'create view ' || viewname || ' as' || chr(10) || definition from pg_views where schemaname = 'public' order by viewname collate \"C\"");
        return text.Append(string.Concat(views.Select(view => view.TrimEnd() + "\n\n"))).ToString();
    }
}
