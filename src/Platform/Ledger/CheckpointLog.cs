using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>The server's file of checkpoints: one JSON object a line, appended and synced. It lies outside of the store, so that who can write to the store alone cannot make a changed
/// ledger look whole.</summary>
internal sealed class CheckpointLog
{
    /// <summary>Checkpoints that are kept. Newer ones cover what older ones did.</summary>
    public const int KeptMax = 10_000;

    /// <summary>Longest line that is read, in characters; one of ours has some 300.</summary>
    private const int LineMax = 1_000;

    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly List<Checkpoint> _kept;
    private long _length; // of whole lines: what a full disk left behind them goes with the next line

    private CheckpointLog(string path, List<Checkpoint> kept) => (_path, _kept) = (path, kept);

    /// <summary>Opens the file, made for its owner only when absent.</summary>
    /// <param name="path">Full path; its folder is made when absent.</param>
    /// <exception cref="InvalidOperationException">Others than its owner may use it, or a line in the middle is no checkpoint; names file and line.</exception>
    public static CheckpointLog Open(string path)
    {
        OwnerOnly.EnsureFolder(Path.GetDirectoryName(path)!);
        OwnerOnly.EnsureFile(path);
        var lines = File.ReadLines(path).TakeLast(KeptMax).ToList();
        var first = File.ReadLines(path).Count() - lines.Count + 1;
        var kept = new List<Checkpoint>(lines.Count);
        for (var number = 0; number < lines.Count; number++)
        {
            if (Parse(lines[number]) is { } checkpoint)
            {
                kept.Add(checkpoint);
            }
            else if (number < lines.Count - 1)
            {
                throw new InvalidOperationException(
                    $"{path}, line {first + number} is no checkpoint of the ledger. This server writes whole lines: somebody else wrote there. Keep the file as evidence, find out who did, "
                    + "and put the backup of it back; ./suture ledger verify compares with the checkpoints that endpoints keep.");
            }
            // The last line may be torn by a crash; what it said is signed again.
        }
        var log = new CheckpointLog(path, kept);
        log.Rewrite(); // ends a torn line, and bounds the file
        return log;
    }

    /// <summary>The newest; null when there is none.</summary>
    public Checkpoint? Newest
    {
        get
        {
            lock (_gate)
            {
                return _kept.Count > 0 ? _kept[^1] : null;
            }
        }
    }

    /// <summary>All that are kept, oldest first.</summary>
    public IReadOnlyList<Checkpoint> All()
    {
        lock (_gate)
        {
            return [.. _kept];
        }
    }

    /// <summary>True when this very checkpoint is kept.</summary>
    public bool Has(Checkpoint checkpoint)
    {
        lock (_gate)
        {
            // Agents keep new ones: from the end.
            return _kept.FindLastIndex(each => each == checkpoint) >= 0;
        }
    }

    /// <summary>Adds one; it is on disk when this returns.</summary>
    public void Append(Checkpoint checkpoint)
    {
        lock (_gate)
        {
            // Kept once it is on disk: the sealer signs again what could not be written.
            using (var file = new FileStream(_path, FileMode.Open, FileAccess.Write))
            {
                file.SetLength(_length);
                file.Seek(0, SeekOrigin.End);
                file.Write(Line(checkpoint));
                file.Flush(flushToDisk: true);
                _length = file.Length;
            }
            _kept.Add(checkpoint);
            if (_kept.Count >= 2 * KeptMax)
            {
                _kept.RemoveRange(0, _kept.Count - KeptMax);
                Rewrite();
            }
        }
    }

    private void Rewrite()
    {
        var draft = _path + ".draft";
        File.Delete(draft);
        using (var file = OwnerOnly.Create(draft))
        {
            foreach (var checkpoint in _kept)
            {
                file.Write(Line(checkpoint));
            }
            file.Flush(flushToDisk: true);
            _length = file.Length;
        }
        File.Move(draft, _path, overwrite: true);
        OwnerOnly.FlushFolder(Path.GetDirectoryName(_path)!);
    }

    private static byte[] Line(Checkpoint checkpoint) => [.. JsonSerializer.SerializeToUtf8Bytes(checkpoint, ContractsJson.Default.Checkpoint), (byte)'\n'];

    private static Checkpoint? Parse(string line)
    {
        try
        {
            return line.Length <= LineMax ? JsonSerializer.Deserialize(line, ContractsJson.Default.Checkpoint) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
