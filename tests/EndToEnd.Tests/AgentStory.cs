using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>The agent alone on one real endpoint: all its verbs, what it refuses, and what goes wrong on real machines.</summary>
[Collection("endpoints, one at a time")]
public sealed class AgentStory
{
    [Fact]
    public Task Agent_OnBookworm_DoesWhatItMayAndLeavesNothingHalfDone() => LiveAsync("e2e-agent", "bookworm", "python3.11");

    [Fact(Explicit = true)] // the same once more on the oldest release that is supported
    public Task Agent_OnBullseye_DoesWhatItMayAndLeavesNothingHalfDone() => LiveAsync("e2e-agent-bullseye", "bullseye", "python3.9");

    private static async Task LiveAsync(string name, string suite, string python)
    {
        Endpoint.Require();
        await using var server = await LoopbackServer.StartAsync();
        await using var endpoint = await Endpoint.BootAsync(name, suite);
        await endpoint.SecureAsync();
        await MoveNginxAsync(endpoint);
        var agent = new EndpointAgent(server, endpoint);
        var first = await agent.JoinAsync();
        Assert.Empty(first.State!.Failures); // the shut unit sees all that the collectors need
        var updates = first.State!.AvailableUpdates!;

        await WhatItRefusesAsync(agent, updates);
        await WhatAThirdPartyOffersAsync(agent, updates);
        await WhatTheMachineLacksAsync(agent, updates);
        await WaitForTheLockAsync(agent, EndpointAgent.Of(updates, "openssl"));
        await BackAndForthAsync(agent, EndpointAgent.Of(updates, "openssl"));
        await CutOffBetweenUnpackingAndConfiguringAsync(agent, EndpointAgent.Of(updates, "nginx"));
        await CutOffWhileUnpackingAsync(agent, EndpointAgent.Of(updates, python));
        await LeftoversOfDpkgAsync(agent, EndpointAgent.Of(updates, "tzdata"));
        await RestartAsync(agent);
        await RebootAsync(agent);
        Assert.Equal("", (await endpoint.RunAsync("dpkg", "--audit")).Trim());
    }

    private static async Task WhatItRefusesAsync(EndpointAgent agent, IReadOnlyList<AvailableUpdate> updates)
    {
        var one = EndpointAgent.Of(updates, "expat").Single();
        var (library, program) = (EndpointAgent.Of(updates, "openssl").Single(package => package.Name != "openssl"), "openssl");

        Assert.Equal("hash-mismatch", (await agent.EnsureAsync(one with { Sha256 = new string('b', 64) })).Reason);
        Assert.Equal("version-not-available", (await agent.EnsureAsync(one with { Version = one.Version + "+x9" })).Reason);
        Assert.Equal("not-installed", (await agent.EnsureAsync(one with { Name = "emacs-gtk" })).Reason);
        await agent.Endpoint.RunAsync("apt-mark", "hold", one.Name);
        Assert.Equal("held", (await agent.EnsureAsync(one)).Reason);
        await agent.Endpoint.RunAsync("apt-mark", "unhold", one.Name);
        var surplus = await agent.EnsureAsync(library); // apt would take the program of the same source along
        Assert.Equal((JobOutcome.PreflightFailed, "unapproved-upgrade"), (surplus.Outcome, surplus.Reason));
        Assert.Contains(program, surplus.Detail, StringComparison.Ordinal);
        Assert.Contains(program, surplus.Unapproved.Select(change => change.Package));
        Assert.All(await agent.UpgradesAsync([one, library]), count => Assert.Equal(0, count));
    }

    /// <summary>A repository that the machine trusts offers a higher version of the distribution's package: even a signed job cannot bring it there.</summary>
    private static async Task WhatAThirdPartyOffersAsync(EndpointAgent agent, IReadOnlyList<AvailableUpdate> updates)
    {
        const string Source = "/etc/apt/sources.list.d/acme.list";
        var one = EndpointAgent.Of(updates, "expat").Single();
        var script = $"""
            set -e
            mkdir -p /srv/acme/new/DEBIAN; cd /srv/acme
            printf 'Package: {one.Name}\nSource: expat\nVersion: 99.0-1\nArchitecture: {one.Architecture}\nMaintainer: Acme <a@example.org>\nDescription: x\n' > new/DEBIAN/control
            dpkg-deb --build new new.deb >/dev/null
            hash=$(sha256sum new.deb | cut -d' ' -f1)
            (cat new/DEBIAN/control; printf 'Filename: ./new.deb\nSize: %s\nSHA256: %s\n' "$(stat -c %s new.deb)" "$hash") > Packages
            printf 'Origin: Acme\nSuite: acme\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n %s %s Packages\n' "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" > Release
            apt-get update -qq
            printf %s "$hash"
            """;
        agent.Endpoint.Write(Source, "deb [trusted=yes] file:/srv/acme ./\n");
        var hash = await agent.Endpoint.RunAsync("sh", "-c", script);

        var refused = await agent.EnsureAsync(one with { Version = "99.0-1", MinimumVersion = "99.0-1", Sha256 = hash });

        Assert.Equal((JobOutcome.PreflightFailed, "unapproved-origin"), (refused.Outcome, refused.Reason));
        Assert.Contains($"{one.Name} 99.0-1 comes from Acme", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(agent.Server.Reports.Last(report => report.State is not null).State!.AvailableUpdates!, update => update.Version == "99.0-1");
        await agent.Endpoint.RunAsync("sh", "-c", $"rm -r {Source} /srv/acme; apt-get update -qq");
        Assert.All(await agent.UpgradesAsync([one]), count => Assert.Equal(0, count));
    }

    private static async Task WhatTheMachineLacksAsync(EndpointAgent agent, IReadOnlyList<AvailableUpdate> updates)
    {
        const string Archives = "/var/cache/suture-agent/archives";
        const string Proxy = "/etc/apt/apt.conf.d/99-closed";
        var one = EndpointAgent.Of(updates, "expat").Single();

        await agent.Endpoint.RunAsync("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", Archives);
        Assert.Equal("disk-full", (await agent.EnsureAsync(one)).Reason);
        await agent.Endpoint.RunAsync("umount", Archives);

        agent.Endpoint.Write(Proxy, """Acquire::http::Proxy "http://127.0.0.1:1"; Acquire::https::Proxy "http://127.0.0.1:1";""");
        Assert.Equal("origin-unreachable", (await agent.EnsureAsync(one)).Reason); // in the indexes, but not to be had
        await agent.Endpoint.RunAsync("sh", "-c", "rm /etc/apt/apt.conf.d/99-closed; cp -a /etc/apt /root/apt; sed -Ei 's#(https?)://[^/ ]+#\\1://127.0.0.1:1#' /etc/apt/sources.list /etc/apt/sources.list.d/*");
        Assert.Equal("origin-unreachable", (await agent.EnsureAsync(one)).Reason); // in no index any more, and those cannot be had
        await agent.Endpoint.RunAsync("sh", "-c", "rm -r /etc/apt; mv /root/apt /etc/apt");
        Assert.Equal([0], await agent.UpgradesAsync([one]));
    }

    private static async Task WaitForTheLockAsync(EndpointAgent agent, JobPackage[] packages)
    {
        await agent.Endpoint.RunAsync(
            "systemd-run", "--quiet", "--unit=lock-holder", "python3", "-c",
            "import fcntl, signal; f = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); open('/run/locked', 'w'); signal.pause()");
        await agent.UntilAsync("the lock is held", async () => (await agent.Endpoint.TryRunAsync("test", "-e", "/run/locked")).Code == 0);

        var job = agent.Server.Offer(JobVerb.EnsurePackage, packages);
        await agent.UntilAsync("the job has begun", async () =>
            (await agent.Endpoint.RunAsync("cat", "/var/lib/suture-agent/journal.jsonl")).Contains($"\"jobId\":\"{job.JobId}\",\"kind\":\"began\"", StringComparison.Ordinal));
        var released = TimeProvider.System.GetUtcNow();
        await agent.Endpoint.RunAsync("systemctl", "stop", "lock-holder.service");
        var result = await agent.ResultAsync(job);

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.True(result.StartedUtc < released && released < result.EndedUtc, "It waited for the lock.");
        Assert.All(await agent.UpgradesAsync(packages), count => Assert.Equal(1, count));
    }

    private static async Task BackAndForthAsync(EndpointAgent agent, JobPackage[] packages)
    {
        var done = agent.Server.Results.Last(result => result.Outcome == JobOutcome.Done);
        var library = packages.Single(package => package.Name != "openssl");
        var old = done.Changes.Single(change => change.Package == library.Name).From!;
        var file = $"/var/lib/suture-agent/kept/{library.Name}_{old.Replace(":", "%3a", StringComparison.Ordinal)}_{library.Architecture}.deb";
        var hash = (await agent.Endpoint.RunAsync("sha256sum", file)).Split(' ')[0];
        var kept = library with { Version = old, MinimumVersion = old, Sha256 = hash };

        Assert.Equal("not-kept", (await RestoreAsync(agent, kept with { Sha256 = new string('b', 64) })).Reason);
        var back = await RestoreAsync(agent, kept);
        Assert.Equal((JobOutcome.Done, old), (back.Outcome, back.Changes.Single().To));
        Assert.Equal(old, await agent.Endpoint.VersionAsync(library.Name));
        Assert.Equal(JobOutcome.Done, (await agent.EnsureAsync(packages)).Outcome);
    }

    private static Task<JobResult> RestoreAsync(EndpointAgent agent, JobPackage package) => agent.ResultAsync(agent.Server.Offer(JobVerb.RestorePackage, [package]));

    // dpkg runs this between unpacking and configuring, and waits for it.
    private const string CutOff = """
        #!/bin/sh
        [ -e /var/tmp/cut-off ] && exit 0
        touch /var/tmp/cut-off
        agent=$(systemctl show -p MainPID --value suture-agent.service)
        for p in /proc/[0-9]*; do read -r name < $p/comm; case $name in apt-get|dpkg) kill -9 ${p#/proc/} ;; esac; done
        """;

    private static async Task CutOffBetweenUnpackingAndConfiguringAsync(EndpointAgent agent, JobPackage[] packages)
    {
        agent.Endpoint.Write("/usr/local/bin/cut-off", CutOff + "kill -9 $agent\n");
        await agent.Endpoint.RunAsync("chmod", "755", "/usr/local/bin/cut-off");
        agent.Endpoint.Write("/etc/dpkg/dpkg.cfg.d/cut-off", "post-invoke=/usr/local/bin/cut-off\n");

        var result = await agent.EnsureAsync(packages);

        Assert.Equal(JobOutcome.Done, result.Outcome);
        await agent.Endpoint.RunAsync("rm", "/var/tmp/cut-off", "/etc/dpkg/dpkg.cfg.d/cut-off");
        Assert.All(await agent.UpgradesAsync(packages), count => Assert.Equal(1, count));
        Assert.Equal(packages.Select(package => package.Name).Order(), result.Changes.Select(change => change.Package).Order());
        Assert.Equal("", (await agent.Endpoint.RunAsync("dpkg", "--audit")).Trim());
    }

    private static async Task CutOffWhileUnpackingAsync(EndpointAgent agent, JobPackage[] packages)
    {
        // dpkg finds this before its own helper, and asks it for the files of each package when the package is half installed.
        agent.Endpoint.Write("/etc/apt/apt.conf.d/99-cut-off", """DPkg::Path "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";""");
        agent.Endpoint.Write("/usr/local/bin/cut-off", CutOff);
        agent.Endpoint.Write("/usr/local/bin/dpkg-deb", $"""
            #!/bin/sh
            case "$*" in *--fsys-tarfile*{packages[1].Name}_*) /usr/local/bin/cut-off ;; esac
            exec /usr/bin/dpkg-deb "$@"
            """);
        await agent.Endpoint.RunAsync("chmod", "755", "/usr/local/bin/cut-off", "/usr/local/bin/dpkg-deb");

        var result = await agent.EnsureAsync(packages);

        Assert.Equal(JobOutcome.Done, result.Outcome);
        await agent.Endpoint.RunAsync("rm", "/var/tmp/cut-off", "/usr/local/bin/dpkg-deb", "/etc/apt/apt.conf.d/99-cut-off");
        Assert.Equal(2, (await agent.UpgradesAsync([packages[1]])).Single()); // the one that was cut off is unpacked again, no other is
        Assert.All(await agent.UpgradesAsync(packages.Where((_, index) => index != 1)), count => Assert.Equal(1, count));
        Assert.Equal("", (await agent.Endpoint.RunAsync("dpkg", "--audit")).Trim());
    }

    private static async Task LeftoversOfDpkgAsync(EndpointAgent agent, JobPackage[] packages)
    {
        // A dpkg that was killed after its last package: every package is well, yet apt refuses to run.
        await agent.Endpoint.RunAsync("sh", "-c", "dpkg-query -s tzdata > /var/lib/dpkg/updates/0000");
        Assert.Equal("", (await agent.Endpoint.RunAsync("dpkg", "--audit")).Trim());

        Assert.Equal("dpkg-inconsistent", (await agent.EnsureAsync(packages)).Reason);
        await agent.Endpoint.RunAsync("dpkg", "--configure", "-a");
        Assert.Equal(JobOutcome.Done, (await agent.EnsureAsync(packages)).Outcome);
    }

    private static async Task RestartAsync(EndpointAgent agent)
    {
        var before = await agent.Endpoint.RunAsync("systemctl", "show", "--property=InvocationID", "nginx.service");

        var result = await agent.ResultAsync(agent.Server.Offer(JobVerb.RestartService, units: ["nginx.service", "not-here.service", "init.scope", "suture-agent.service"]));

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.NotEqual(before, await agent.Endpoint.RunAsync("systemctl", "show", "--property=InvocationID", "nginx.service"));
        Assert.Equal("not-running", (await agent.ResultAsync(agent.Server.Offer(JobVerb.RestartService, units: ["not-here.service"]))).Reason);
    }

    private static async Task RebootAsync(EndpointAgent agent)
    {
        var boot = agent.Server.Reports.Last().BootId;

        var result = await agent.ResultAsync(agent.Server.Offer(JobVerb.Reboot));

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.NotEqual(boot, agent.Server.Reports.Last().BootId);
    }

    /// <summary>The network is the host's, so each nginx needs a port of its own.</summary>
    private static async Task MoveNginxAsync(Endpoint endpoint)
    {
        var port = System.Security.Cryptography.RandomNumberGenerator.GetInt32(20_000, 30_000);
        await endpoint.RunAsync("sed", "-i", $"s/listen 80/listen {port}/; s/\\[::\\]:80/[::]:{port}/", "/etc/nginx/sites-enabled/default");
        await endpoint.RunAsync("systemctl", "restart", "nginx.service");
    }
}
