using Suture.Collect.Apt;
using Suture.Collect.Dpkg;
using Suture.Collect.Files;

namespace Suture.Collect.Processes;

/// <summary>Interpreters that began before a package with code for them changed.</summary>
/// <remarks><para>What an interpreter has read cannot be seen afterwards, so a process of one counts as outdated when a package changed after it began and
/// 1. the package has code files on that interpreter's own module path (below), and
/// 2. dpkg's log does not show that this was its first installation, which replaces nothing; without a log every change counts.</para>
/// <para>Shell scripts do not count: a shell reads its script as it goes and ends soon. A change counts from the instant dpkg wrote the package's list, less the
/// second by which a process may seem to have begun too early.</para></remarks>
internal sealed class InterpreterRule
{
    private static readonly TimeSpan StartUncertainty = TimeSpan.FromSeconds(1);

    private static readonly Language[] Languages =
    [
        new("python", ["/usr/lib/python3/dist-packages/", "/usr/lib/python3."], [".py", ".so"]),
        new("perl", ["/usr/share/perl5/", "/usr/share/perl/", "/usr/lib/perl", "/usr/lib/x86_64-linux-gnu/perl", "/usr/lib/aarch64-linux-gnu/perl"], [".pm", ".pl", ".so"]),
        new("ruby", ["/usr/lib/ruby/", "/usr/share/rubygems-integration/"], [".rb", ".so"]),
        new("node", ["/usr/share/nodejs/", "/usr/lib/nodejs/", "/usr/lib/node_modules/"], [".js", ".cjs", ".mjs", ".node"]),
        new("php", ["/usr/share/php/", "/usr/lib/php/"], [".php", ".so"]),
        new("java", ["/usr/share/java/", "/usr/share/maven-repo/", "/usr/lib/jvm/"], [".jar", "/modules"]),
        new("dotnet", ["/usr/lib/dotnet/", "/usr/share/dotnet/"], [".dll"]),
    ];

    private readonly List<Change> _changes = [];

    private InterpreterRule()
    {
    }

    /// <summary>Reads which packages with code for the interpreters that run changed since the earliest of them began.</summary>
    /// <param name="root">The machine.</param>
    /// <param name="lists">dpkg's lists.</param>
    /// <param name="table">Its processes.</param>
    /// <param name="startOf">Start of a process.</param>
    public static InterpreterRule Read(MachineRoot root, FileLists lists, ProcessTable table, Func<ProcessFacts, DateTimeOffset> startOf)
    {
        var rule = new InterpreterRule();
        var running = table.Processes.Where(process => LanguageOf(process.Executable) is not null).ToArray();
        if (running.Length == 0)
        {
            return rule;
        }
        var languages = running.Select(process => LanguageOf(process.Executable)!).Distinct().ToArray();
        var earliest = running.Min(startOf);
        foreach (var list in lists.Names)
        {
            if (lists.WrittenUtc(list) is { } written && written > earliest + StartUncertainty)
            {
                rule.TakePackage(lists, list, written, languages);
            }
        }
        if (rule._changes.Count > 0)
        {
            var firstInstalled = PackageHistory.ReadFirstInstalled(root);
            rule._changes.RemoveAll(change => firstInstalled.Contains(change.Package));
        }
        return rule;
    }

    /// <summary>Packages whose change a process may not have seen, each with a file that shows it.</summary>
    /// <param name="process">A process.</param>
    /// <param name="startedUtc">When it began.</param>
    public IEnumerable<(string Package, string File)> ChangedSince(ProcessFacts process, DateTimeOffset startedUtc)
    {
        var language = _changes.Count == 0 ? null : LanguageOf(process.Executable);
        return language is null
            ? []
            : _changes.Where(change => change.Language == language && change.WrittenUtc > startedUtc + StartUncertainty && IsFor(process.Executable!, change.File))
                .Select(change => (change.Package, change.File));
    }

    /// <summary>The interpreter that an executable is; null when it is none: <c>/usr/bin/python3.11</c> is <c>python</c>.</summary>
    internal static Language? LanguageOf(string? executable)
    {
        if (executable is null)
        {
            return null;
        }
        var name = executable[(executable.LastIndexOf('/') + 1)..];
        var stem = name.TrimEnd("0123456789.".ToCharArray());
        return Array.Find(Languages, language => stem == language.Name
            || (language.Name == "node" && stem == "nodejs") || (language.Name == "php" && stem is "php-fpm" or "php-cgi"));
    }

    /// <summary>A standard library of another version of the interpreter does not concern a process.</summary>
    private static bool IsFor(string executable, string file)
    {
        const string Versioned = "/usr/lib/python3.";
        if (!file.StartsWith(Versioned, StringComparison.Ordinal))
        {
            return true;
        }
        var version = file[Versioned.Length..file.IndexOf('/', Versioned.Length)];
        var name = executable[(executable.LastIndexOf('/') + 1)..];
        return name == "python3." + version || !name.Contains('.', StringComparison.Ordinal);
    }

    private void TakePackage(FileLists lists, string list, DateTimeOffset written, Language[] languages)
    {
        var left = languages.ToList();
        foreach (var path in lists.PathsOf(list))
        {
            var language = left.Find(candidate => candidate.Has(path));
            if (language is not null)
            {
                _changes.Add(new Change(FileLists.PackageOf(list), language, path, written));
                left.Remove(language);
            }
            if (left.Count == 0)
            {
                return;
            }
        }
    }

    /// <summary>An interpreter, its module path and the endings of code on it.</summary>
    internal sealed record Language(string Name, string[] Folders, string[] Endings)
    {
        /// <summary>True when a file is code on its module path.</summary>
        public bool Has(string path) =>
            Array.Exists(Folders, folder => path.StartsWith(folder, StringComparison.Ordinal))
            && Array.Exists(Endings, ending => path.EndsWith(ending, StringComparison.Ordinal));
    }

    private sealed record Change(string Package, Language Language, string File, DateTimeOffset WrittenUtc);
}
