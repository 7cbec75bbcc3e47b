using Suture.Agent.Platforms.Linux;
using Suture.Agent.State;

namespace Suture.Agent.Jobs;

/// <summary>What this agent has taken on, begun and ended: lines that are durable before the effect they speak of. The memory that makes a job happen once.</summary>
internal sealed class Journal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly FileStream _file;
    private readonly Dictionary<Guid, JobRecord> _jobs = [];
    private readonly List<Guid> _order = [];
    private readonly List<KeptPackage> _kept = [];

    private Journal(FileStream file, TimeProvider time)
    {
        _file = file;
        _time = time;
    }

    /// <summary>Opens the journal: reads it, cuts off a line that a crash left unfinished, shortens it when it has grown long.</summary>
    /// <param name="path">The file; made when missing.</param>
    /// <param name="time">Clock.</param>
    /// <returns>The journal, ready to write.</returns>
    public static Journal Open(string path, TimeProvider time)
    {
        if (File.Exists(path) && new FileInfo(path).Length >= JobLimits.JournalCompactFromBytes)
        {
            Compact(path, time);
        }
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = AtomicFile.OwnerOnly,
        };
        var journal = new Journal(new FileStream(path, options), time);
        journal.Load(path);
        Native.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return journal;
    }

    /// <summary>Whether a job of this id was ever taken.</summary>
    /// <param name="jobId">The id.</param>
    /// <returns>True even when it was compacted.</returns>
    public bool IsKnown(Guid jobId)
    {
        lock (_lock)
        {
            return _jobs.ContainsKey(jobId);
        }
    }

    /// <summary>What is known of a job.</summary>
    /// <param name="jobId">The id.</param>
    /// <returns>Null when there never was one.</returns>
    public JobRecord? Find(Guid jobId)
    {
        lock (_lock)
        {
            return _jobs.GetValueOrDefault(jobId);
        }
    }

    /// <summary>Jobs of which something is left to do, oldest first.</summary>
    /// <returns>Records; may be empty.</returns>
    public IReadOnlyList<JobRecord> Open()
    {
        lock (_lock)
        {
            return [.. _order.Select(id => _jobs[id]).Where(job => !job.IsClosed)];
        }
    }

    /// <summary>Package files this agent itself put aside, oldest first.</summary>
    /// <returns>Records; the file itself may be gone by now.</returns>
    public IReadOnlyList<KeptPackage> Kept()
    {
        lock (_lock)
        {
            return [.. _kept];
        }
    }

    /// <summary>Writes a line and waits until it is durable.</summary>
    /// <param name="entry">Content; its instant is set here.</param>
    public void Append(JournalEntry entry)
    {
        lock (_lock)
        {
            var stamped = entry with { AtUtc = _time.GetUtcNow() };
            _file.Write(JournalLine.Format(stamped));
            _file.Flush(flushToDisk: true);
            Apply(stamped);
        }
    }

    /// <summary>Writes a line that needs no more than its kind.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="kind">What happened.</param>
    public void Append(Guid jobId, JournalKind kind) => Append(new JournalEntry { AtUtc = default, JobId = jobId, Kind = kind });

    /// <summary>Jobs that are not over, read without touching the file.</summary>
    /// <param name="path">The journal of an agent that may be running.</param>
    /// <returns>Ids in the order they came; empty when there is no journal.</returns>
    public static IReadOnlyList<Guid> ReadOpenJobs(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }
        var (entries, ended) = ReadForCompaction(path);
        return [.. entries.Select(entry => entry.JobId).Distinct().Except(ended)];
    }

    private void Load(string path)
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        long whole = 0;
        var damaged = 0;
        for (var start = 0; start < bytes.Length;)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0)
            {
                break; // never finished
            }
            if (JournalLine.Parse(bytes.AsSpan(start, length)) is { } entry)
            {
                Apply(entry);
                whole = start + length + 1;
            }
            else
            {
                damaged++;
            }
            start += length + 1;
        }
        if (damaged > 0 || whole < bytes.Length)
        {
            AgentLog.Warning(7301, $"Journal {path}: {damaged} damaged lines left out, {bytes.Length - whole} bytes of an unfinished end cut off.");
        }
        _file.SetLength(whole);
        _file.Seek(0, SeekOrigin.End);
        _file.Flush(flushToDisk: true);
    }

    private void Apply(JournalEntry entry)
    {
        if (!_jobs.TryGetValue(entry.JobId, out var job))
        {
            _jobs.Add(entry.JobId, job = new JobRecord { JobId = entry.JobId });
            _order.Add(entry.JobId);
        }
        switch (entry.Kind)
        {
            case JournalKind.Accepted:
                job.Payload = entry.Payload;
                break;
            case JournalKind.Began:
                job.BeganUtc ??= entry.AtUtc;
                job.BootId ??= entry.BootId;
                break;
            case JournalKind.Effect:
                job.Effects.Add(entry);
                break;
            case JournalKind.Kept:
                _kept.Add(entry.Kept!);
                break;
            case JournalKind.Ended:
                job.Result = entry.Result;
                break;
            case JournalKind.Sent:
                job.IsSent = true;
                break;
            case JournalKind.Reported or JournalKind.Closed:
                job.IsClosed = true;
                break;
        }
    }

    /// <summary>Rewrites the journal with one line for each job that is over; ids and kept files stay.</summary>
    private static void Compact(string path, TimeProvider time)
    {
        var (entries, ended) = ReadForCompaction(path);
        var closed = ended.ToHashSet();
        var remembered = ended.TakeLast(JobLimits.EndedJobsRemembered).ToHashSet();
        using var output = new MemoryStream();
        var written = new HashSet<Guid>();
        foreach (var entry in entries)
        {
            if (!closed.Contains(entry.JobId) || entry.Kind == JournalKind.Kept)
            {
                output.Write(JournalLine.Format(entry));
            }
            else if (remembered.Contains(entry.JobId) && written.Add(entry.JobId))
            {
                output.Write(JournalLine.Format(new JournalEntry { AtUtc = time.GetUtcNow(), JobId = entry.JobId, Kind = JournalKind.Closed }));
            }
        }
        AtomicFile.Write(path, output.GetBuffer().AsSpan(0, checked((int)output.Length)));
    }

    private static (List<JournalEntry> Entries, List<Guid> Closed) ReadForCompaction(string path)
    {
        var entries = new List<JournalEntry>();
        foreach (var line in File.ReadLines(path))
        {
            if (JournalLine.Parse(System.Text.Encoding.UTF8.GetBytes(line)) is { } entry)
            {
                entries.Add(entry);
            }
        }
        var kept = entries.Where(entry => entry.Kind == JournalKind.Kept).TakeLast(JobLimits.KeptFilesMax).ToHashSet();
        entries.RemoveAll(entry => entry.Kind == JournalKind.Kept && !kept.Contains(entry));
        return (entries, [.. entries.Where(entry => entry.Kind is JournalKind.Reported or JournalKind.Closed).Select(entry => entry.JobId).Distinct()]);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
