using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Ledger;
using Suture.Platform;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Server.Backups;
using Suture.Tests;

namespace Suture.Server.Tests.Commands;

/// <summary>A server's data is copied while it works, and is whole elsewhere.</summary>
public sealed class BackupTests(StoreFixture stores) : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 8, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly string _root = Directory.CreateTempSubdirectory("suture-backup-").FullName;

    private string Data => Path.Combine(_root, "data");

    private string Backup => Path.Combine(_root, "backup");

    private string Elsewhere => Path.Combine(_root, "elsewhere");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Backup_WhileTheServerWrites_IsWholeElsewhere()
    {
        await using var server = await StartAsync(Data, isNew: true);
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(server, stop.Token);
        while (server.GetRequiredService<CheckpointLog>().Newest is not { Position: > 50 })
        {
            await Task.Yield();
        }

        var made = await MakeBackup.RunAsync(Data, Backup, withStore: true, Now);
        await stop.CancelAsync();
        var written = await writing;
        var restored = await RestoreBackup.RunAsync(Backup, Elsewhere);

        Assert.InRange(made.Ledger!.Position, 50, written);
        Assert.Equal(made.Ledger, restored.Ledger);
        await using var other = await StartAsync(Elsewhere, isNew: false);
        var newest = other.GetRequiredService<CheckpointLog>().Newest!;
        var rows = await other.GetRequiredService<Store>().ReadAsync(
            session => session.QueryAsync<LedgerRecord>($"select {LedgerRecord.Columns} from platform_ledger where position is not null order by position"), CancellationToken.None);
        var hash = LedgerChain.Start.ToArray();
        foreach (var (row, number) in rows.Select((row, number) => (row, number + 1)))
        {
            Assert.Equal(number, row.Position);
            Assert.Equal(row.Hash, hash = LedgerChain.Hash(hash, row.At(number)));
            Assert.True(number != newest.Position || Convert.ToHexStringLower(hash) == newest.Hash, "The checkpoint is not of its row.");
        }
        Assert.Equal((made.Ledger.Position, made.Ledger.Hash), (rows.Count, Convert.ToHexStringLower(hash)));
        Assert.InRange(newest.Position, 1, rows.Count);
        Assert.Equal("a key"u8.ToArray(), SecretsFolder.Open(Elsewhere).Read("key"));
    }

    [Fact]
    public async Task Restore_ABackupWithAChangedByte_IsRefusedAndLeavesNothing()
    {
        await (await StartAsync(Data, isNew: true)).DisposeAsync();
        await MakeBackup.RunAsync(Data, Backup, withStore: true, Now);
        foreach (var path in Directory.GetFiles(Backup, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(BackupManifest.FileName, StringComparison.Ordinal)))
        {
            var bytes = await File.ReadAllBytesAsync(path);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);

            var fault = await Assert.ThrowsAsync<BackupException>(() => RestoreBackup.RunAsync(Backup, Elsewhere));

            Assert.Contains(Path.GetRelativePath(Backup, path), fault.Message, StringComparison.Ordinal);
            Assert.False(Path.Exists(Elsewhere) || Path.Exists(Elsewhere + ".partial"));
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);
        }
        await RestoreBackup.RunAsync(Backup, Elsewhere);
    }

    [Fact]
    public async Task Restore_OverOtherData_AndBackup_OverAnotherBackup_AreRefused()
    {
        await (await StartAsync(Data, isNew: true)).DisposeAsync();
        await MakeBackup.RunAsync(Data, Backup, withStore: true, Now);

        var over = await Assert.ThrowsAsync<BackupException>(() => RestoreBackup.RunAsync(Backup, Data));
        var again = await Assert.ThrowsAsync<BackupException>(() => MakeBackup.RunAsync(Data, Backup, withStore: true, Now));
        var none = await Assert.ThrowsAsync<BackupException>(() => MakeBackup.RunAsync(Elsewhere, Backup + "2", withStore: true, Now));

        Assert.Contains("is not empty", over.Message, StringComparison.Ordinal);
        Assert.Contains("is there already", again.Message, StringComparison.Ordinal);
        Assert.Contains("There is no data folder", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BackupAndRestore_WhereADraftLies_RefuseAndLeaveItAsItIs()
    {
        await (await StartAsync(Data, isNew: true)).DisposeAsync();
        foreach (var draft in (string[])[Backup + ".partial", Elsewhere + ".partial"])
        {
            Directory.CreateDirectory(draft);
            await File.WriteAllTextAsync(Path.Combine(draft, "mine"), "kept");
        }

        await Assert.ThrowsAsync<BackupException>(() => MakeBackup.RunAsync(Data, Backup, withStore: true, Now));
        await MakeBackup.RunAsync(Data, Backup + "2", withStore: true, Now);
        await Assert.ThrowsAsync<BackupException>(() => RestoreBackup.RunAsync(Backup + "2", Elsewhere));

        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(Backup + ".partial", "mine")));
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(Elsewhere + ".partial", "mine")));
    }

    [Fact]
    public async Task Backup_IsForItsOwnerOnly()
    {
        await (await StartAsync(Data, isNew: true)).DisposeAsync();

        await MakeBackup.RunAsync(Data, Backup, withStore: true, Now);

        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.All(new DirectoryInfo(Backup).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(new DirectoryInfo(Backup)), entry => Assert.Equal(UnixFileMode.None, entry.UnixFileMode & Others));
    }

    private async Task<ServiceProvider> StartAsync(string data, bool isNew)
    {
        OwnerOnly.EnsureFolder(data);
        var path = Path.Combine(data, MakeBackup.StoreFile);
        if (isNew)
        {
            File.Copy(await stores.MigratedLocationAsync("sqlite"), path);
            SecretsFolder.Open(data).Write("key", "a key"u8);
        }
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddPlatform(Store.Open(path), data);
        return services.BuildServiceProvider();
    }

    private static Task<long> WriteAsync(ServiceProvider server, CancellationToken stop) => Task.Run(
        async () =>
        {
            var rows = 0L;
            for (; !stop.IsCancellationRequested; rows++)
            {
                await server.GetRequiredService<Store>().WriteAsync(
                    session => session.AppendLedgerAsync(Now, "server", "test.written", $"test:{rows}", new { rows }, LedgerScope.Installation), CancellationToken.None);
                if (rows % 10 == 0)
                {
                    await server.GetRequiredService<LedgerSealer>().SealAsync(CancellationToken.None);
                }
            }
            return rows;
        },
        CancellationToken.None);
}
