using System.Text;
using Suture.Collect.Files;

namespace Suture.Collect.Dpkg;

/// <summary>Reads dpkg's status file (deb-control(5), dpkg-query(1)).</summary>
/// <remarks><para>A package counts when the third word of its <c>Status</c> is <c>installed</c>, or when dpkg was interrupted or waits for triggers: then it counts
/// with the version last configured (<c>Config-Version</c>, else <c>Version</c>), so that a half-done change neither closes a finding nor hides the package.</para>
/// <para>Any fault fails the whole file: a package that cannot be read must not look as if it had been removed.</para></remarks>
internal sealed class StatusReader
{
    private const string Installed = "install ok installed";

    private static readonly string[] InstalledWords = Installed.Split(' ');

    private readonly LineReader _lines;
    private readonly string _name;
    private readonly List<StatusEntry> _packages = [];
    private readonly List<string> _incomplete = [];
    private readonly List<string> _faults = [];
    private readonly HashSet<(string Name, string Architecture)> _seen = [];
    private int _faultCount;

    private string? _package, _version, _configVersion, _architecture, _source, _status;
    private bool _debianMaintainer;
    private int _stanzaLine;

    private StatusReader(LineReader lines, string name)
    {
        _lines = lines;
        _name = name;
    }

    /// <summary>Reads a status file to its end.</summary>
    /// <param name="stream">The file; closed at the end.</param>
    /// <param name="name">Its name, for faults.</param>
    /// <exception cref="CollectException">A stanza, line or bound is at fault; the message names file and line.</exception>
    public static StatusContent Read(Stream stream, string name)
    {
        using var lines = new LineReader(stream, name, CollectLimits.StatusBytes);
        return new StatusReader(lines, name).Read();
    }

    private StatusContent Read()
    {
        while (_lines.TryRead(out var line))
        {
            if (line.TrimEnd(" \t\r"u8).IsEmpty)
            {
                EndStanza();
            }
            else
            {
                TakeLine(line);
            }
        }
        if (_lines.IsCutShort)
        {
            Fault("the file ends within this line");
        }
        EndStanza();
        if (_faultCount > 0)
        {
            var more = _faultCount > _faults.Count ? $"; and {_faultCount - _faults.Count} more" : "";
            throw new CollectException($"{_name}: {string.Join("; ", _faults)}{more}. Run dpkg --audit.");
        }
        if (_packages.Count == 0)
        {
            throw new CollectException($"{_name} holds no installed package.");
        }
        return new StatusContent(_packages, _incomplete);
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (_stanzaLine == 0)
        {
            _stanzaLine = _lines.LineNumber;
        }
        if (line[0] is (byte)' ' or (byte)'\t')
        {
            return; // a continuation; no field read here has one
        }
        var colon = line.IndexOf((byte)':');
        if (colon <= 0)
        {
            Fault("no field name before a colon");
            return;
        }
        var field = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t\r"u8);
        if (Is(field, "Package"u8)) { Take(ref _package, value); }
        else if (Is(field, "Version"u8)) { Take(ref _version, value); }
        else if (Is(field, "Architecture"u8)) { Take(ref _architecture, value); }
        else if (Is(field, "Source"u8)) { Take(ref _source, value); }
        else if (Is(field, "Status"u8)) { Take(ref _status, value); }
        else if (Is(field, "Config-Version"u8)) { Take(ref _configVersion, value); }
        else if (Is(field, "Maintainer"u8)) { _debianMaintainer = IsDebians(value); }
    }

    private void EndStanza()
    {
        if (_stanzaLine != 0)
        {
            DecideStanza();
        }
        _package = _version = _configVersion = _architecture = _source = _status = null;
        _debianMaintainer = false;
        _stanzaLine = 0;
    }

    private void DecideStanza()
    {
        var words = _status == Installed ? InstalledWords : _status?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (_package is null || words.Length != 3)
        {
            Fault($"package '{_package ?? ""}' has status '{_status ?? ""}', wanted a name and three words", _stanzaLine);
            return;
        }
        if (words[2] is "not-installed" or "config-files")
        {
            return;
        }
        var version = words[2] == "installed" ? _version : _configVersion ?? _version;
        if (string.IsNullOrEmpty(version) || string.IsNullOrEmpty(_architecture) || _package.Length is 0 or > 255)
        {
            Fault($"package '{_package}' has version '{version}' and architecture '{_architecture}', wanted both", _stanzaLine);
            return;
        }
        if (!_seen.Add((_package, _architecture)))
        {
            Fault($"package '{_package}' for {_architecture} is there twice", _stanzaLine);
            return;
        }
        if (_packages.Count >= CollectLimits.Packages)
        {
            throw new CollectException($"{_name} line {_stanzaLine}: more than {CollectLimits.Packages} installed packages.");
        }
        _packages.Add(new StatusEntry(_package, version, _architecture, _source, _debianMaintainer));
        if (words[2] is not ("installed" or "triggers-pending" or "triggers-awaited"))
        {
            _incomplete.Add($"{_package}: {words[2]}");
        }
    }

    private void Take(ref string? field, ReadOnlySpan<byte> value)
    {
        if (field is not null)
        {
            Fault("a field is there twice");
        }
        field = Known(value) ?? Encoding.UTF8.GetString(value);
    }

    // What nearly every package has is not made anew for each.
    private static string? Known(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("install ok installed"u8) ? Installed
        : value.SequenceEqual("amd64"u8) ? "amd64"
        : value.SequenceEqual("all"u8) ? "all"
        : null;

    private void Fault(string what, int line = 0)
    {
        _faultCount++;
        if (_faults.Count < CollectLimits.FaultsQuoted)
        {
            _faults.Add($"line {(line == 0 ? _lines.LineNumber : line)}: {what}");
        }
    }

    // The address at the end, of debian.org (lists, tracker, persons) or of Debian's lists at debian.net.
    private static bool IsDebians(ReadOnlySpan<byte> maintainer)
    {
        var host = maintainer[(maintainer.LastIndexOf((byte)'@') + 1)..];
        return host.SequenceEqual("debian.org>"u8) || host.EndsWith(".debian.org>"u8) || host.SequenceEqual("alioth-lists.debian.net>"u8);
    }

    private static bool Is(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(field, name);
}
