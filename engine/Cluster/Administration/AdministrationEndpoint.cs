using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;

namespace ObjectStore.Engine.Cluster;

/// <summary>Administration through any node: what is asked here is done by the root leader, whoever that is, and tried again while there is none.</summary>
/// <remarks>Every request may be done twice without harm, so one of unknown outcome is simply sent again. Answers are JSON: people's business, small and rare.</remarks>
public sealed class AdministrationEndpoint : IClusterAdministration
{
    private static readonly RpcMethod Status = new(0x0501);
    private static readonly RpcMethod Disks = new(0x0502);
    private static readonly RpcMethod Groups = new(0x0503);
    private static readonly RpcMethod Repair = new(0x0504);
    private static readonly RpcMethod Decommission = new(0x0505);
    private static readonly RpcMethod Join = new(0x0506);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly IClock _clock;
    private readonly RpcEndpoint _rpc;
    private readonly Func<NodeId?> _rootLeader;

    /// <summary>Registers its methods, so before the endpoint starts.</summary>
    /// <param name="clock">For patience.</param>
    /// <param name="rpc">Calls to the root leader.</param>
    /// <param name="rootLeader">Whom this node takes for it; null when it knows none. Any thread.</param>
    /// <param name="local">Does what is asked while this node leads the root group; when it does not, throws <see cref="AdministrationException"/> that may be tried again.</param>
    public AdministrationEndpoint(IClock clock, RpcEndpoint rpc, Func<NodeId?> rootLeader, IClusterAdministration local)
    {
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(local);
        (_clock, _rpc, _rootLeader) = (clock, rpc, rootLeader);
        Answer<bool, ClusterStatus>(Status, _ => local.StatusAsync());
        Answer<bool, IReadOnlyList<DiskStatus>>(Disks, _ => local.DisksAsync());
        Answer<bool, IReadOnlyList<GroupStatus>>(Groups, _ => local.GroupsAsync());
        Answer<bool, RepairStatus>(Repair, local.RepairAsync);
        Answer<DecommissionRequest, bool>(Decommission, async request =>
        {
            await local.DecommissionAsync(request);
            return true;
        });
        Answer<JoinRequest, bool>(Join, async request =>
        {
            await local.JoinAsync(request);
            return true;
        });
    }

    /// <inheritdoc/>
    public async Task<ClusterStatus> StatusAsync() => await AskAsync<bool, ClusterStatus>(Status, true) with { AnsweredBy = _rpc.Self.Value };

    /// <inheritdoc/>
    public Task<IReadOnlyList<DiskStatus>> DisksAsync() => AskAsync<bool, IReadOnlyList<DiskStatus>>(Disks, true);

    /// <inheritdoc/>
    public Task<IReadOnlyList<GroupStatus>> GroupsAsync() => AskAsync<bool, IReadOnlyList<GroupStatus>>(Groups, true);

    /// <inheritdoc/>
    public Task<RepairStatus> RepairAsync(bool now) => AskAsync<bool, RepairStatus>(Repair, now);

    /// <inheritdoc/>
    public Task DecommissionAsync(DecommissionRequest request) => AskAsync<DecommissionRequest, bool>(Decommission, request);

    /// <inheritdoc/>
    public Task JoinAsync(JoinRequest request) => AskAsync<JoinRequest, bool>(Join, request);

    private void Answer<TRequest, TResult>(RpcMethod method, Func<TRequest, Task<TResult>> answer) =>
        _rpc.Handle(method, async (_, request) =>
        {
            try
            {
                TRequest asked = JsonSerializer.Deserialize<TRequest>(request.Span, Format) ?? throw new MalformedDataException("an empty administrative request");
                return JsonSerializer.SerializeToUtf8Bytes(new Envelope<TResult>(await answer(asked), "", Retry: false), Format);
            }
            catch (JsonException failure)
            {
                throw new MalformedDataException($"not an administrative request: {failure.Message}");
            }
            catch (AdministrationException failure)
            {
                return JsonSerializer.SerializeToUtf8Bytes(new Envelope<TResult>(default, failure.Message, failure.Retry), Format);
            }
        });

    private async Task<TResult> AskAsync<TRequest, TResult>(RpcMethod method, TRequest request)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(request, Format);
        TimeSpan deadline = _clock.Now + Patience;
        string last = "there is no root leader";
        while (_clock.Now < deadline)
        {
            if (_rootLeader() is { } leader)
            {
                RpcReply reply = await _rpc.CallAsync(leader, method, payload, CallTimeout);
                last = $"node {leader} leads the root group and does not answer";
                if (reply.Ok)
                {
                    Envelope<TResult> answer = Read<TResult>(leader, reply);
                    if (answer.Message.Length == 0)
                    {
                        return answer.Result!;
                    }

                    last = answer.Retry ? answer.Message : throw new AdministrationException(answer.Message);
                }
            }

            await _clock.DelayAsync(Pause);
        }

        throw new AdministrationException(last, retry: true);
    }

    private static Envelope<TResult> Read<TResult>(NodeId leader, RpcReply reply)
    {
        try
        {
            return JsonSerializer.Deserialize<Envelope<TResult>>(reply.Payload.Span, Format)!;
        }
        catch (JsonException failure)
        {
            throw new AdministrationException($"the answer of node {leader} makes no sense: {failure.Message}");
        }
    }

    private sealed record Envelope<TResult>(TResult? Result, string Message, bool Retry);
}
