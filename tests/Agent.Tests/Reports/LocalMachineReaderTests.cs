using Suture.Agent.Reports;
using Suture.Agent.State;
using Suture.Contracts.Inventory;

namespace Suture.Agent.Tests.Reports;

public sealed class LocalMachineReaderTests : IDisposable
{
    private readonly string _directory = Given.TemporaryDirectory();

    [Fact]
    public void ReadOrigins_ReportTheServerTook_NamesWhatIsKnownToBeAThirdPartys()
    {
        var state = new StateDirectory(_directory);
        state.Create();
        state.WriteSoftware(
        [
            Given.Installed("curl"), Given.Installed("docker-ce", "5:24") with { Origin = OriginKind.ThirdParty }, Given.Installed("odd") with { Origin = OriginKind.Unknown },
        ]);

        Assert.Equal(["docker-ce:amd64=5:24"], new LocalMachineReader(state, TimeProvider.System).ReadOrigins().ThirdParty);
    }

    [Fact]
    public void ReadOrigins_NothingReportedYet_KnowsOfNoThirdParty()
    {
        var state = new StateDirectory(_directory);
        state.Create();

        Assert.Empty(new LocalMachineReader(state, TimeProvider.System).ReadOrigins().ThirdParty);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
