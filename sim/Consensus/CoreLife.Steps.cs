using System;
using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.Consensus;

/// <content>The steps of a life, and how often each comes by the pace of the mood.</content>
internal sealed partial class CoreLife
{
    /// <summary>Columns: deliver one, deliver all, tick, a round (tick, deliver all, persist), persist, propose, read, start again at once, crash, start, stand still or go on, change members, transfer, cut a log.</summary>
    private static int[] Weights(CorePace pace) => pace switch
    {
        CorePace.Elections => [16, 8, 6, 26, 6, 2, 1, 2, 2, 4, 1, 0, 1, 1],
        CorePace.Restarts => [16, 8, 4, 10, 5, 3, 3, 8, 2, 4, 0, 0, 1, 1],
        CorePace.Writes => [20, 8, 4, 6, 4, 12, 2, 1, 1, 4, 0, 1, 1, 6],
        CorePace.Reads => [14, 8, 10, 8, 3, 1, 14, 4, 0, 4, 4, 0, 2, 0],
        CorePace.Members => [16, 8, 4, 8, 4, 3, 1, 2, 1, 4, 0, 7, 1, 4],
        CorePace.SlowDisks => [20, 8, 4, 6, 2, 8, 2, 3, 2, 4, 0, 1, 1, 1],
        _ => [20, 6, 5, 5, 6, 8, 4, 1, 1, 3, 1, 2, 1, 3],
    };

    private void Do()
    {
        ReadOnlySpan<int> weights = Weights(_mood.Pace);
        int total = 0;
        foreach (int weight in weights)
        {
            total += weight;
        }

        // 0: nothing at all happens.
        int drawn = _choices.Next(total + 1, _label + "act?") - 1;
        if (drawn < 0)
        {
            return;
        }

        int what = 0;
        while (drawn >= weights[what])
        {
            drawn -= weights[what++];
        }

        Do(what);
    }

    private void Do(int what)
    {
        switch (what)
        {
            case 0:
                Deliver();
                break;
            case 1:
                DeliverAll();
                break;
            case 2:
                Tick();
                break;
            case 3:
                Tick();
                DeliverAll();
                if (_mood.Pace != CorePace.SlowDisks)
                {
                    Each(static node => node.PersistNext());
                }

                break;
            case 4:
                Any(static node => node.PendingCount > 0, "disk")?.PersistNext();
                break;
            case 5 when _mood.TakesCommands:
                Propose();
                break;
            case 6:
                Read(Any("reader"));
                break;
            case 7 when _options.Crashes:
                CoreNode restarted = Crash();
                restarted.Boot();
                break;
            case 8 when _options.Crashes:
                Crash();
                break;
            case 9:
                Any(static node => !node.IsUp, "starts")?.Boot();
                break;
            case 10:
                PauseOrGoOn();
                break;
            case 11 when _options.ChangesMembership:
                ChangeMembership();
                break;
            case 12:
                Transfer();
                break;
            case 13:
                CoreNode cut = Any("cuts");
                cut.Compact(new LogIndex(cut.Applied.Value - Math.Min(cut.Applied.Value, (ulong)_choices.Next(3, _label + "keeps"))));
                break;
            default:
                break;
        }
    }

    private void Tick()
    {
        _world.Trace.Emit(TraceLevel.Debug, "core", "tick");
        Each(static node => node.Tick());
    }

    private static string Name(CoreNode node) => $"n{node.Peer}";

    private CoreNode Crash()
    {
        // Mostly whoever matters.
        CoreNode node = (_choices.Next(3, _label + "whom") == 2 ? Any(static each => each.IsUp && each.Core.Role != RaftRole.Follower, "leader") : null) ?? Any("crashes");
        node.IsPaused = false;
        node.Crash(_choices.Next(4, _label + "survivors"));
        _world.Fault("crash", Name(node));
        return node;
    }

    private void PauseOrGoOn()
    {
        if (Any(static node => node.IsPaused, "goes-on") is { } paused)
        {
            paused.IsPaused = false;
            _world.Fault("go-on", Name(paused));
            if (_choices.Next(2, _label + "reads?") == 1)
            {
                Read(paused);
            }

            return;
        }

        CoreNode node = (_choices.Next(2, _label + "whom") == 1 ? Leader() : null) ?? Any("pauses");
        node.IsPaused = true;
        _world.Fault("pause", Name(node));
    }

    private void Transfer()
    {
        if (Leader() is { } old)
        {
            PeerId to = Any("heir").Peer;
            Say("client", "call", old, ("transfer", (long)to.Value));
            old.Core.TransferLeadership(to, old.Now);
            old.Pump();
        }
    }

    private void Deliver()
    {
        List<RaftMessage> wire = _cluster.Wire;
        if (wire.Count > MessagesMax)
        {
            wire.RemoveRange(0, wire.Count - MessagesMax);
        }

        if (wire.Count == 0)
        {
            return;
        }

        // Mostly the oldest few, sometimes any.
        bool isAny = _mood.AnyOf > 0 && _choices.Next(_mood.AnyOf, _label + "any") == _mood.AnyOf - 1;
        int at = _choices.Next(isAny ? wire.Count : Math.Min(3, wire.Count), _label + "which");
        for (int i = 0; i < wire.Count && !_mood.Lets(wire[at]); i++)
        {
            if (_mood.Waits)
            {
                at = (at + 1) % wire.Count;
            }
            else
            {
                wire.RemoveAt(at);
                if (wire.Count == 0)
                {
                    return;
                }

                at %= wire.Count;
            }
        }

        // What waits comes late now and then.
        int lateOf = _mood is { Story: CoreStory.LateAnswers, IsCut: true } ? 3 : 8;
        if (!_mood.Lets(wire[at]) && _choices.Next(lateOf, _label + "late?") != lateOf - 1)
        {
            return;
        }

        TakeAndGive(at);
    }

    /// <summary>Everything that is on its way now and comes through, in order.</summary>
    private void DeliverAll()
    {
        RaftMessage[] all = [.. _cluster.Wire];
        _cluster.Wire.Clear();
        var waiting = new List<RaftMessage>();
        foreach (RaftMessage message in all)
        {
            if (_mood.Lets(message))
            {
                Give(message);
            }
            else if (_mood.Waits)
            {
                waiting.Add(message);
            }
        }

        _cluster.Wire.InsertRange(0, waiting);
    }

    private void TakeAndGive(int at)
    {
        RaftMessage message = _cluster.Wire[at];
        int fate = _mood is { LossOf: > 0 } ? _choices.Next(_mood.LossOf, _label + "fate?") : 0;
        if (fate != 1)
        {
            _cluster.Wire.RemoveAt(at);
        }

        if (fate != 2)
        {
            Give(message);
        }
    }

    private void Give(RaftMessage message)
    {
        CoreNode to = _cluster[message.To];
        if (!to.IsUp)
        {
            return;
        }

        if (to.IsPaused)
        {
            // Heard when it goes on.
            _cluster.Wire.Add(message);
            return;
        }

        _world.Trace.Emit(
            TraceLevel.Debug,
            "core",
            message.Kind.ToString(),
            ("from", (long)message.From.Value),
            ("to", (long)message.To.Value),
            ("term", (long)message.Term.Value),
            ("index", (long)message.Index.Value),
            ("refused", message.Reject ? 1 : 0));
        SnapshotCount += message.Kind == MessageKind.SnapshotChunk ? 1 : 0;
        if (_options.CommitsWithoutQuorum && message.Kind == MessageKind.Append)
        {
            _cluster.Wire.Insert(0, new RaftMessage
            {
                Kind = MessageKind.AppendResponse,
                From = message.To,
                To = message.From,
                Term = message.Term,
                Index = message.Entries.Count == 0 ? message.Index : message.Entries[^1].Index,
                Round = message.Round,
            });
        }

        if (message.Kind == MessageKind.PreVote && _mood is { Story: CoreStory.ForgetfulVoter, IsLeaderAlone: false } && to != _mood.Leader)
        {
            to.Crash();
            to.Boot();
            _world.Fault("crash", Name(to));
            _mood.CutOffLeader();
        }

        to.Step(message);
    }

    /// <summary>Who was asked for its vote right after it started again answers at once, and so do all, while the leader hears of nothing.</summary>
    private void Hurry()
    {
        for (int round = 0; round < HurriedRounds; round++)
        {
            DeliverAll();
            Each(static node => node.PersistNext());
            Probe();
        }
    }
}
