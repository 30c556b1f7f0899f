using System.CommandLine;
using ObjectStore.Workloads.Load.Commands;

RootCommand root = new("""
    Load runs, crash runs, memory runs and comparisons with peers, against live S3 endpoints.

    Examples:
      load run mixed --endpoint http://127.0.0.1:9000 --access-key K --secret-key S --size 4KiB --concurrency 16 --duration 30
      load compare --markdown grid.md --json grid.json
      load compare-runs before.json after.json
      load count --concurrency 1 16
      load crash --rounds 20
      load memory --size 5GiB
      load soak --duration 30
      load scaling --objects 10000 100000 1000000 10000000 --folder /data/scaling --markdown scaling.md
      load region-faults --up --netns --troubles all

    Exit codes: 0 all held, 1 an error or a broken promise, 2 bad use.
    """)
{
    RunCommand.Make(),
    CompareCommand.Make(),
    CompareRunsCommand.Make(),
    CountCommand.Make(),
    CrashCommand.Make(),
    MemoryCommand.Make(),
    SoakCommand.Make(),
    ScalingCommand.Make(),
    RegionFaultsCommand.Make(),
};
ParseResult parsed = root.Parse(args);
return parsed.Errors.Count > 0 ? BadUse(parsed) : await parsed.InvokeAsync();

static int BadUse(ParseResult parsed)
{
    parsed.Invoke();
    return 2;
}
