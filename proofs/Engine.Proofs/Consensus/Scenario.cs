using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.Consensus;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>Carries out the commands of a text scenario. Peers are named by numbers; see the first scenario for all commands.</summary>
internal sealed class Scenario
{
    private readonly CoreCluster _cluster = new();
    private readonly SortedSet<ulong> _isolated = [];
    private readonly SortedDictionary<ulong, string> _seen = [];
    private readonly List<string> _said = [];
    private ulong _context;

    internal IReadOnlyList<string> Do(string[] words)
    {
        _said.Clear();
        string[] rest = words[1..];
        switch (words[0])
        {
            case "cluster":
                Build(rest);
                break;
            case "log":
                Prepare(rest);
                break;
            case "campaign":
                Node(rest[0]).Core.CampaignNow(Node(rest[0]).Now);
                Node(rest[0]).Pump();
                break;
            case "tick":
                Tick(rest[0], int.Parse(rest[1]));
                break;
            case "propose":
                _said.Add(CoreCluster.Propose(Node(rest[0]), rest[1]) ? "taken" : "refused");
                break;
            case "deliver":
                Deliver(rest, show: true);
                break;
            case "settle":
                Settle();
                break;
            case "drop":
                _said.Add($"{_cluster.Wire.RemoveAll(message => IsWanted(message, rest))} dropped");
                break;
            case "isolate":
                _isolated.UnionWith(rest.Select(ulong.Parse));
                break;
            case "heal":
                _isolated.Clear();
                break;
            case "persist":
                Persist(Node(rest[0]), rest[1]);
                break;
            case "crash":
                Node(rest[0]).Crash(rest.Length > 1 ? int.Parse(rest[1]) : 0);
                break;
            case "boot":
                Node(rest[0]).Boot();
                break;
            case "transfer":
                _said.Add(Node(rest[0]).Core.TransferLeadership(Peer(rest[1]), Node(rest[0]).Now) ? "begun" : "refused");
                Node(rest[0]).Pump();
                break;
            case "change":
                Change(rest);
                break;
            case "read":
                Read(Node(rest[0]));
                break;
            case "reads":
                ShowReads(Node(rest[0]));
                break;
            case "compact":
                Node(rest[0]).Compact(new LogIndex(ulong.Parse(rest[1])));
                break;
            case "status":
                Status();
                return [.. _said];
            default:
                throw new ArgumentException($"no command {words[0]}");
        }

        ShowChanges();
        return [.. _said];
    }

    private static PeerId Peer(string word) => new(ulong.Parse(word));

    private CoreNode Node(string word) => _cluster[Peer(word)];

    private static (List<RaftMember> Voters, List<RaftMember> Learners) Members(IEnumerable<string> words)
    {
        List<RaftMember> voters = [];
        List<RaftMember> learners = [];
        List<RaftMember> list = voters;
        foreach (string word in words)
        {
            if (word == "learners")
            {
                list = learners;
            }
            else
            {
                list.Add(CoreCluster.Member(ulong.Parse(word)));
            }
        }

        return (voters, learners);
    }

    /// <summary><c>cluster 1 2 3 learners 4 others 5</c>: others wait to be taken in.</summary>
    private void Build(string[] words)
    {
        string[] members = [.. words.TakeWhile(static word => word != "others")];
        (List<RaftMember> voters, List<RaftMember> learners) = Members(members);
        var membership = new RaftMembership(voters, learners);
        foreach (string word in words.Where(static word => char.IsAsciiDigit(word[0])))
        {
            _cluster.Add(ulong.Parse(word), membership.Contains(Peer(word)) ? membership : RaftMembership.Empty);
        }
    }

    /// <summary><c>log 1 1 1 4 term 5</c>: the log of peer 1 holds entries of these terms.</summary>
    private void Prepare(string[] words)
    {
        CoreNode node = Node(words[0]);
        string[] terms = [.. words[1..].TakeWhile(static word => word != "term")];
        node.Crash();
        node.Disk.Prepare(terms.Select(ulong.Parse), new Term(ulong.Parse(words[^1])));
        node.Boot();
    }

    private void Tick(string who, int count)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (CoreNode node in _cluster.Nodes)
            {
                if (who == "all" || Peer(who) == node.Peer)
                {
                    node.Tick();
                }
            }
        }
    }

    private static bool IsWanted(RaftMessage message, string[] words)
    {
        bool isWanted = true;
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            isWanted &= words[i] switch
            {
                "from" => message.From == Peer(words[i + 1]),
                "to" => message.To == Peer(words[i + 1]),
                "kind" => message.Kind.ToString().Equals(words[i + 1], StringComparison.OrdinalIgnoreCase),
                _ => throw new ArgumentException($"which: {words[i]}"),
            };
        }

        return isWanted;
    }

    /// <summary>Delivers what is on its way now and matches, not what comes of it.</summary>
    private void Deliver(string[] words, bool show)
    {
        foreach (RaftMessage message in _cluster.Wire.Where(each => IsWanted(each, words)).ToArray())
        {
            _cluster.Wire.Remove(message);
            if (_isolated.Contains(message.From.Value) || _isolated.Contains(message.To.Value))
            {
                continue;
            }

            if (show)
            {
                _said.Add(Show(message));
            }

            _cluster[message.To].Step(message);
        }
    }

    /// <summary>Delivers until nothing is on its way.</summary>
    private void Settle()
    {
        for (int round = 0; round < 100 && _cluster.Wire.Count > 0; round++)
        {
            Deliver([], show: false);
        }

        if (_cluster.Wire.Count > 0)
        {
            _said.Add("never settles");
        }
    }

    private static void Persist(CoreNode node, string how)
    {
        node.PersistsAtOnce = how == "all";
        if (how == "next")
        {
            node.PersistNext();
        }

        node.Pump();
    }

    private void Change(string[] words)
    {
        (List<RaftMember> voters, List<RaftMember> learners) = Members(words[1..]);
        _said.Add(Node(words[0]).Core.ProposeMembership(new RaftMembership(voters, learners), Node(words[0]).Now).ToString().ToLowerInvariant());
        Node(words[0]).Pump();
    }

    private void Read(CoreNode node)
    {
        node.Core.ReadIndex(++_context, node.Now);
        node.Pump();
        ShowReads(node);
    }

    private void ShowReads(CoreNode node)
    {
        foreach (ReadPoint point in node.Reads.Values)
        {
            _said.Add(point.Failed ? "no read point" : $"reads at {point.Index}");
        }

        if (node.Reads.Count == 0)
        {
            _said.Add("waits");
        }

        node.Reads.Clear();
    }

    private void ShowChanges()
    {
        foreach (CoreNode node in _cluster.Nodes)
        {
            string now = node.IsUp ? $"{node.Core.Role} in term {node.Core.Term}, commit {node.Core.Commit}" : "down";
            if (_seen.GetValueOrDefault(node.Peer.Value) != now)
            {
                _seen[node.Peer.Value] = now;
                _said.Add($"{node.Peer}: {now}");
            }
        }
    }

    private void Status()
    {
        foreach (CoreNode node in _cluster.Nodes)
        {
            RaftCore core = node.Core;
            string entries = string.Join(' ', node.Mirror.Select(static entry => $"{entry.Index}.{entry.Term}"));
            _said.Add(
                $"{node.Peer}: {(node.IsUp ? core.Role : "down")} term {core.Term} leader {core.Leader} commit {core.Commit} log ({(core.Log.Start.Value > 0 ? $"from {core.Log.Start}: " : "")}{entries})"
                + $" state ({string.Join(' ', node.State)}) {core.Membership}");
        }
    }

    private static string Show(RaftMessage message)
    {
        string head = $"{message.From}>{message.To} {message.Kind} t{message.Term}";
        string tail = message.Kind switch
        {
            MessageKind.PreVote or MessageKind.Vote => $"last {message.Index}.{message.LogTerm}{(message.Forced ? " forced" : "")}",
            MessageKind.PreVoteResponse or MessageKind.VoteResponse => message.Reject ? "no" : "yes",
            MessageKind.Append =>
                $"after {message.Index}.{message.LogTerm} commit {message.Commit} [{string.Join(' ', message.Entries.Select(static entry => $"{entry.Index}.{entry.Term}"))}]",
            MessageKind.AppendResponse => message.Reject ? $"no {message.Index} try {message.Hint}.{message.LogTerm}" : $"has {message.Index}",
            MessageKind.Heartbeat => $"commit {message.Commit}",
            MessageKind.ReadIndexResponse => message.Reject ? "no" : $"at {message.Index}",
            MessageKind.SnapshotChunk => $"at {message.Index}.{message.LogTerm} {message.Membership}",
            _ => "",
        };
        return $"{head} {tail}".TrimEnd();
    }
}
