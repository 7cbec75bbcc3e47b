using System.Text.RegularExpressions;
using CsCheck;
using Suture.Agent.Jobs;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests.Jobs;

/// <summary>Ten thousand hostile words in every argument of every verb, in jobs that the server's own key signed: none gets further than the grammar of Debian policy and systemd lets it.</summary>
public sealed partial class HostileArgumentsTests
{
    private const int Words = 10_000;

    /// <summary>What shells, apt, dpkg, systemctl and file names give a meaning to.</summary>
    private static readonly string[] Seeds =
    [
        "", " ", "-", "--", "---", "-y", "-o", "-f", "-h", "--help", "--allow-downgrades", "--allow-unauthenticated", "-oDPkg::Pre-Invoke=/bin/sh", "-o=Dpkg::Options::=--force-all", "--force-all",
        "-c=/tmp/apt.conf", "--config-file=/tmp/x", "--root=/", "-H", "--host=evil", "--machine=x", "--user", "--now", "@/etc/shadow", "/etc/passwd", "./x.deb", "../x", "..", "/", "//", "\\", "~", "~/x",
        "$(reboot)", "`reboot`", "${IFS}", "$IFS", "$0", "!!", "!x", ";", ";reboot", "&&", "||", "|sh", "&", ">x", "<x", ">>x", "2>&1", "*", "?", "[a]", "{a,b}", "(a)", "#", "'", "\"", "''", "\"\"", "%n", "%s", "%00",
        "\0", "\n", "\r", "\r\n", "\t", "\v", "\f", "\b", "\u001b[2J", "\u007f", "\u0085", "\u00a0", "\u200b", "\u2028", "\u202e", "\ufeff", "é", "ﬁ", "ｎｇｉｎｘ", "０", "\ud83d\ude00", "=", "=1", "a=1", "a=", "+", "a+", "a-", "_",
        "a_", ":", "a:", ":a", "a:b", "1:", ":1", "1:1:1", "a/b", "a,b", "a b", "a\\x2db", "\\x2f", "nginx", "nginx.service", "nginx.socket", "nginx.service ", " nginx.service", "nginx.service.", "nginx.service/", "nginx.service\n",
        "-nginx.service", ".service", "a.service", "init.scope", "init.scope ", "ssh@.service", "x@y.service", "getty@tty1.service", "emergency.target", "halt", "poweroff.target", "*.service", "amd64", "AMD64", "all", "any",
        "1.0", "1.0-1", "v1.0", "-1.0", "1.0 ", "1.0;", "1.0~", "~1.0", "01:1", "9999999999:1", "1.0+deb12u1", new string('a', 300), new string('9', 300), new string('a', 64), new string('A', 64), new string('0', 63), new string('0', 65),
    ];

    private static readonly Gen<string> Word =
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Gen.Int[0, Seeds.Length - 1], Gen.Int[0, 5], (first, second, how) => how switch
        {
            0 => Seeds[first],
            1 => Seeds[first] + Seeds[second],
            2 => "libssl3" + Seeds[first],
            3 => Seeds[first] + "1.0-1",
            4 => Seeds[first] + "nginx.service",
            _ => Seeds[first] + " " + Seeds[second],
        });

    public static TheoryData<string> Arguments => ["name", "architecture", "version", "minimum", "sha256", "unit", "hash"];

    [Theory]
    [MemberData(nameof(Arguments))]
    public void AWordThatIsNoneOfItsKind_NeverGetsThrough(string argument)
    {
        var through = 0;
        Word.Sample(
            word =>
            {
                var verdict = JobVerifier.Verify(Given.Sign(With(argument, word)), Given.Judge(), Given.Now);
                var isAccepted = verdict.Kind == JobVerdictKind.Accepted;
                through += isAccepted ? 1 : 0;
                return isAccepted == IsOfItsKind(argument, word) && (!isAccepted || IsHarmless(word));
            },
            iter: Words, threads: 1);

        Assert.InRange(through, argument is "hash" or "sha256" ? 0 : 1, Words / 4); // the corpus holds good words too: what refuses everything would not be seen here
    }

    private static JobPayload With(string argument, string word) => argument switch
    {
        "name" => Given.Payload() with { Packages = [Given.Package(name: word)] },
        "architecture" => Given.Payload() with { Packages = [Given.Package(architecture: word)] },
        "version" => Given.Payload() with { Packages = [Given.Package(version: word)] },
        "minimum" => Given.Payload() with { Packages = [Given.Package(version: "99999999999:99", minimum: word)] },
        "sha256" => Given.Payload() with { Packages = [Given.Package() with { Sha256 = word }] },
        "unit" => Given.Payload(JobVerb.RestartService) with { Units = [word] },
        _ => Given.Payload() with { PlanHash = word },
    };

    // Written from Debian policy 5.6.1, 5.6.8, 5.6.12 and systemd.unit(5), not from the code.
    private static bool IsOfItsKind(string argument, string word) => argument switch
    {
        "name" => word.Length <= JobLimits.NameLengthMax && Name().IsMatch(word),
        "architecture" => word.Length <= 32 && Architecture().IsMatch(word),
        "version" or "minimum" => word.Length <= JobLimits.NameLengthMax && Version().IsMatch(word),
        "unit" => word.Length <= JobLimits.NameLengthMax && Unit().IsMatch(word),
        _ => Hash().IsMatch(word),
    };

    private static bool IsHarmless(string word) =>
        word[0] is not ('-' or '/' or '.' or '~' or '@') && !word.Any(unit => unit is <= ' ' or > '~' || "$`'\"|&;<>(){}[]*?!#%^,=/".Contains(unit, StringComparison.Ordinal));

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]+\z")]
    private static partial Regex Architecture();

    [GeneratedRegex(@"\A(?:[0-9]+:[0-9][A-Za-z0-9.+~:-]*|[0-9][A-Za-z0-9.+~-]*)\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\A(?:init\.scope|[A-Za-z0-9][A-Za-z0-9:_.\\@-]*\.service)\z")]
    private static partial Regex Unit();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
