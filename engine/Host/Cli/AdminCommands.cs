using System;
using System.CommandLine;
using System.Text.Json;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary><c>objectstore admin user add|list|remove</c> (the rest of <c>admin</c> is in <see cref="ClusterAdminCommands"/>): through the server that holds the data folder, or on the folder itself when none runs.</summary>
internal static class AdminCommands
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    internal static Command Build()
    {
        var users = new Command("user", "Add, list and remove the identities that may sign requests.") { Add(), List(), Remove() };
        var admin = new Command("admin", "Administer a data folder, whether its server runs or not, or a region through one of its nodes.") { users };
        foreach (Command command in ClusterAdminCommands.Build())
        {
            admin.Add(command);
        }

        return admin;
    }

    internal static Option<string> DataOption() => new("--data", "-d")
    {
        Description = "The data folder, as given to 'server --data'.",
        HelpName = "DIR",
        Required = true,
    };

    internal static Option<bool> JsonOption() => new("--json") { Description = "Print JSON on standard output." };

    private static DetailedCommand Add()
    {
        var name = new Argument<string>("NAME") { Description = "Unique name; letters, digits and +=,.@_- (at most 64)." };
        var accessKey = new Option<string>("--access-key") { Description = "3 to 128 characters; made up when left out.", HelpName = "K" };
        var secretKey = new Option<string>("--secret-key")
        {
            Description = "8 to 128 characters; made up and printed when left out; - reads it from standard input, so that it shows up in no process list.",
            HelpName = "S",
        };
        var canonicalId = new Option<string>("--canonical-id")
        {
            Description = "What owners and grantees are called in ACLs; 64 random hex digits when left out.",
            HelpName = "ID",
        };
        var email = new Option<string>("--email") { Description = "For grants by e-mail.", HelpName = "E" };
        Option<string> data = DataOption();
        Option<bool> json = JsonOption();
        var command = new DetailedCommand(
            "add",
            "Add an identity that may sign requests.",
            """
            It may do so at once: a running server needs no restart.

            Example:
              objectstore admin user add alice --access-key ALICE1 --secret-key 'a long secret' --data /var/lib/objectstore
            """)
        { name, accessKey, secretKey, canonicalId, email, data, json };
        command.SetAction(async parsed =>
        {
            string given = parsed.GetValue(secretKey) ?? "";
            string secret = given switch
            {
                "" => IdentityRules.NewSecretKey(),
                "-" => (await Console.In.ReadLineAsync() ?? "").Trim(),
                _ => given,
            };
            var user = new Identity(
                parsed.GetRequiredValue(name),
                parsed.GetValue(accessKey) ?? IdentityRules.NewAccessKey(),
                secret,
                parsed.GetValue(canonicalId) ?? IdentityRules.NewCanonicalId(),
                parsed.GetValue(email) ?? "",
                IsRoot: false);
            Check(user);
            AdminResponse response = await RunAsync(parsed.GetRequiredValue(data), new AdminRequest(AdminVerb.UserAdd, user), create: true);
            string? madeUp = given.Length == 0 ? secret : null;
            if (parsed.GetValue(json))
            {
                Print(new { user.Name, user.AccessKey, SecretKey = madeUp, user.CanonicalId, user.Email });
            }
            else
            {
                Console.Out.WriteLine($"added {user.Name}: access key {user.AccessKey}, canonical id {user.CanonicalId}");
                Console.Out.Write(madeUp is null ? "" : $"secret key {madeUp} (shown this once)\n");
            }

            return response.Code;
        });
        return command;
    }

    private static DetailedCommand List()
    {
        Option<string> data = DataOption();
        Option<bool> json = JsonOption();
        var command = new DetailedCommand("list", "List the identities.", "Secrets and root are left out.") { data, json };
        command.SetAction(async parsed =>
        {
            AdminResponse response = await RunAsync(parsed.GetRequiredValue(data), new AdminRequest(AdminVerb.UserList), create: false);
            if (parsed.GetValue(json))
            {
                Print(response.Users);
                return response.Code;
            }

            foreach (AdminUser user in response.Users)
            {
                Console.Out.WriteLine($"{user.Name}\t{user.AccessKey}\t{user.CanonicalId}\t{user.Email}");
            }

            return response.Code;
        });
        return command;
    }

    private static DetailedCommand Remove()
    {
        var name = new Argument<string>("NAME") { Description = "The name it was added by." };
        Option<string> data = DataOption();
        var command = new DetailedCommand("remove", "Remove an identity.", "What it owns stays; its requests are refused from now on.") { name, data };
        command.SetAction(async parsed =>
        {
            var request = new AdminRequest(AdminVerb.UserRemove, Name: parsed.GetRequiredValue(name));
            AdminResponse response = await RunAsync(parsed.GetRequiredValue(data), request, create: false);
            Console.Out.WriteLine($"removed {request.Name}");
            return response.Code;
        });
        return command;
    }

    internal static void Print(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, AdminFormat.Pretty));

    private static void Check(Identity user)
    {
        string? wrong = IdentityRules.CheckName(user.Name)
            ?? IdentityRules.CheckAccessKey(user.AccessKey)
            ?? IdentityRules.CheckSecretKey(user.SecretKey)
            ?? IdentityRules.CheckCanonicalId(user.CanonicalId);
        if (wrong is not null)
        {
            throw new CommandFailedException(ExitCode.Usage, wrong);
        }
    }

    // Whoever holds the lock is a server (then it answers on its socket, once it has started) or another admin command (then it is done soon).
    private static async Task<AdminResponse> RunAsync(string data, AdminRequest request, bool create)
    {
        if (!create && !System.IO.Directory.Exists(data))
        {
            throw new CommandFailedException(ExitCode.Failed, $"there is no folder {data}");
        }

        long deadline = Environment.TickCount64 + (long)LockPatience.TotalMilliseconds;
        while (true)
        {
            using (DataFolder? folder = DataFolder.TryAcquire(data))
            {
                if (folder is not null)
                {
                    return Expect(await HandleOfflineAsync(folder, request));
                }
            }

            if (await AdminSocket.AskAsync(data, request) is { } response)
            {
                return Expect(response);
            }

            if (Environment.TickCount64 > deadline)
            {
                throw new CommandFailedException(
                    ExitCode.InUse, $"the data folder {data} is in use and its holder does not answer on {DataFolder.SocketPath(data)}");
            }

            await Task.Delay(100);
        }
    }

    // Opens the whole node, since identities live in its metadata. Root plays no part, so its keys are neither asked for nor made.
    private static async Task<AdminResponse> HandleOfflineAsync(DataFolder folder, AdminRequest request)
    {
        using var trace = new JsonTrace(Console.OpenStandardError(), TraceLevel.Warning);
        var root = new Identity("root", IdentityRules.NewAccessKey(), IdentityRules.NewSecretKey(), IdentityRules.NewCanonicalId(), "", IsRoot: true);
        await using RunningNode node = await RunningNode.StartAsync(folder, root, new GatewayOptions(), trace);
        using var service = new AdminService(node.Identities);
        return await service.HandleAsync(request);
    }

    private static AdminResponse Expect(AdminResponse response) =>
        response.Code == ExitCode.Ok ? response : throw new CommandFailedException(response.Code, response.Message);
}
