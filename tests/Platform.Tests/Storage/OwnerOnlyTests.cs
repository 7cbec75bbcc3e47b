#pragma warning disable CA1416 // The server refuses to keep secrets on Windows; these tests never run there.
using Suture.Platform.Storage;

namespace Suture.Tests.Storage;

public sealed class OwnerOnlyTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("suture-owner-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EnsureFolder_Absent_IsMadeForItsOwnerWithItsParents()
    {
        var path = Path.Combine(_folder, "a", "b");

        OwnerOnly.EnsureFolder(path);
        OwnerOnly.EnsureFolder(path);

        Assert.All([path, Path.GetDirectoryName(path)!], made => Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(made)));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    [InlineData(UnixFileMode.OtherWrite | UnixFileMode.StickyBit)]
    public void EnsureFolder_OthersMayUseIt_IsRefusedAndLeftAsItIs(UnixFileMode others)
    {
        var mode = Owner | UnixFileMode.UserExecute | others;
        File.SetUnixFileMode(_folder, mode);

        var fault = Assert.Throws<InvalidOperationException>(() => OwnerOnly.EnsureFolder(_folder));

        Assert.Contains($"has mode {Convert.ToString((int)mode, 8)}", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith($"chmod 700 '{_folder}'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(mode, File.GetUnixFileMode(_folder));
    }

    [Fact]
    public async Task Store_NewFile_IsItsOwnersWithItsJournals()
    {
        var path = Path.Combine(_folder, "suture.db");
        await using var store = Store.Open(path);
        Migrator.Migrate(store, [typeof(Store).Assembly]);

        await store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("insert into platform_setting (name, value) values ('a', @value)", new { value = new byte[] { 1 } });
                Assert.All((string[])["", "-wal", "-shm", ".migrating"], part => Assert.Equal(Owner, File.GetUnixFileMode(path + part)));
            },
            CancellationToken.None);
    }

    [Fact]
    public void Store_FileOthersMayRead_IsRefusedWithTheRemedy()
    {
        var path = Path.Combine(_folder, "suture.db");
        File.WriteAllBytes(path, []);
        File.SetUnixFileMode(path, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        var fault = Assert.Throws<InvalidOperationException>(() => Store.Open(path));

        Assert.EndsWith($"chmod 600 '{path}'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Port=5433;Database=suture;Username=anna;Password=hunter2", "The store (PostgreSQL at db, port 5433, database 'suture')")]
    [InlineData("/var/lib/suture/suture.db", "The store (SQLite file /var/lib/suture/suture.db)")]
    public void Describe_Location_NamesItWithoutAPassword(string location, string wanted) => Assert.Equal(wanted, Store.Describe(location));
}
