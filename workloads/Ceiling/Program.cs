using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using ObjectStore.Engine.Host;
using ObjectStore.Workloads.Ceiling;

if (args.Length is < 1 or > 2 || !IPEndPoint.TryParse(args[0], out IPEndPoint? address))
{
    Console.Error.WriteLine("usage: ceiling ADDRESS:PORT [FOLDER]    with a FOLDER, puts are appended to a log there and synced before they are acknowledged");
    return 2;
}

ThreadPolicy.TakeTurns();
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
    kestrel.Limits.MaxResponseBufferSize = 1024 * 1024;
    kestrel.Listen(address, static listen => listen.Protocols = HttpProtocols.Http1);
});
builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
await using WebApplication container = builder.Build();
IServer server = container.Services.GetRequiredService<IServer>();
GroupCommitLog? log = args.Length == 2 ? new GroupCommitLog(args[1]) : null;
await server.StartAsync(new CeilingApplication(log), CancellationToken.None);
Console.WriteLine($"ceiling listens on {address}");
await Task.Delay(Timeout.Infinite);
return 0;
