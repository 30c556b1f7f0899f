using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ObjectStore.Sim.Proofs;

/// <summary>A test that needs Chromium; left out, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    /// <summary>Marks the test.</summary>
    public ChromiumFactAttribute()
    {
        if (Chromium.Program is null)
        {
            Skip = "no chromium on PATH and OBJECTSTORE_CHROMIUM is not set; see proofs/Sim.Proofs/Viewer/check-viewer.sh";
        }
    }
}

/// <summary>A headless browser with one page open, driven through the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Process _process;
    private readonly ClientWebSocket _socket;
    private readonly string _folder;
    private int _number;

    private Chromium(Process process, ClientWebSocket socket, string folder) => (_process, _socket, _folder) = (process, socket, folder);

    /// <summary>Where the browser is; null: nowhere.</summary>
    internal static string? Program { get; } = Environment.GetEnvironmentVariable("OBJECTSTORE_CHROMIUM") ?? (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(static folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser"), Path.Combine(folder, "google-chrome")])
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a page from disk, in a browser that can reach nothing else.</summary>
    /// <param name="html">The page.</param>
    /// <param name="fragment">What follows the <c>#</c>.</param>
    /// <param name="dark">What the system prefers.</param>
    internal static async Task<Chromium> OpenAsync(string html, string fragment = "", bool dark = false)
    {
        string folder = Directory.CreateTempSubdirectory("objectstore-browser-").FullName;
        string page = Path.Combine(folder, "page.html");
        await File.WriteAllTextAsync(page, html);
        var start = new ProcessStartInfo(Program!) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1280,900",
                $"--user-data-dir={Path.Combine(folder, "profile")}", "--remote-debugging-port=0", "about:blank",
            ])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        using var time = new CancellationTokenSource(Patience);
        string port = Path.Combine(folder, "profile", "DevToolsActivePort");
        while (!File.Exists(port) || (await File.ReadAllLinesAsync(port, time.Token)).Length < 2)
        {
            await Task.Delay(50, time.Token);
        }

        string[] lines = await File.ReadAllLinesAsync(port, time.Token);
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{lines[0]}{lines[1]}"), time.Token);
        var browser = new Chromium(process, socket, folder);
        JsonNode created = await browser.CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, session: null);
        JsonNode attached = await browser.CallAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = created["targetId"]!.GetValue<string>(), ["flatten"] = true }, session: null);
        browser._session = attached["sessionId"]!.GetValue<string>();
        await browser.CallAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
        });
        await browser.CallAsync("Page.navigate", new JsonObject { ["url"] = $"file://{page}{(fragment.Length > 0 ? "#" : "")}{fragment}" });
        while (await browser.EvaluateAsync("String(document.documentElement && (document.documentElement.dataset.ready || document.documentElement.dataset.error))") is "undefined" or "null")
        {
            await Task.Delay(50, time.Token);
        }

        return browser;
    }

    private string? _session;

    /// <summary>The value of an expression, as text.</summary>
    internal async Task<string> EvaluateAsync(string expression)
    {
        JsonNode answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        return answer["result"]?["value"]?.GetValue<string>() ?? throw new InvalidOperationException(answer.ToJsonString());
    }

    /// <summary>Presses a key.</summary>
    /// <param name="key">Its name in the sense of KeyboardEvent.key.</param>
    /// <param name="shift">With shift.</param>
    internal async Task PressAsync(string key, bool shift = false)
    {
        foreach (string kind in (string[])["keyDown", "keyUp"])
        {
            var press = new JsonObject { ["type"] = kind, ["key"] = key, ["modifiers"] = shift ? 8 : 0 };
            if (key.Length == 1 && kind == "keyDown")
            {
                press["text"] = key;
            }

            await CallAsync("Input.dispatchKeyEvent", press);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser that is still ending may write there; it is a folder for what is temporary.
        }
    }

    private Task<JsonNode> CallAsync(string method, JsonObject parameters) => CallAsync(method, parameters, _session);

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters, string? session)
    {
        int number = ++_number;
        var call = new JsonObject { ["id"] = number, ["method"] = method, ["params"] = parameters };
        if (session is not null)
        {
            call["sessionId"] = session;
        }

        using var time = new CancellationTokenSource(Patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, time.Token);
        while (true)
        {
            using var message = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            WebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer, time.Token);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);

            JsonNode answer = JsonNode.Parse(message.ToArray())!;
            if (answer["id"]?.GetValue<int>() == number)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]?.ToJsonString()}");
            }
        }
    }
}
