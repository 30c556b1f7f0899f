using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Viewer;

/// <summary>A campaign as JUnit XML, which CI systems show: a suite for each scenario, a case for each strategy, a failure for a broken promise.</summary>
public static class JUnitReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="campaign">What was explored.</param>
    /// <param name="marksRequired">Whether marks that were never reached are failures: a case for each.</param>
    public static string Render(CampaignResult campaign, bool marksRequired = false)
    {
        ArgumentNullException.ThrowIfNull(campaign);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = false, CheckCharacters = true, NewLineChars = "\n" }))
        {
            int missed = marksRequired ? campaign.MarksNeverHit.Count : 0;
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "ObjectStore simulation");
            Counts(xml, campaign.Runs.Count + missed, campaign.Runs.Count(IsBroken) + missed, campaign.WallSeconds);
            foreach (IGrouping<string, RunResult> suite in campaign.Runs.GroupBy(static run => run.Scenario))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", Valid(suite.Key));
                Counts(xml, suite.Count(), suite.Count(IsBroken), suite.Sum(static run => run.WallSeconds));
                foreach (RunResult run in suite)
                {
                    Case(xml, run);
                }

                xml.WriteEndElement();
            }

            if (missed > 0)
            {
                Marks(xml, campaign);
            }

            xml.WriteEndElement();
        }

        return text.ToString().Replace("utf-16", "utf-8", StringComparison.Ordinal) + "\n";
    }

    private static bool IsBroken(RunResult run) => run.Verdict != "clean";

    private static void Case(XmlWriter xml, RunResult run)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Valid("simulation." + run.Scenario));
        xml.WriteAttributeString("name", Valid(run.Strategy));
        xml.WriteAttributeString("time", Seconds(run.WallSeconds));
        if (IsBroken(run))
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("type", Valid(run.PromiseBroken ?? "unknown"));
            xml.WriteAttributeString("message", Valid($"promise '{run.PromiseBroken}' broken, seed {run.Seed}"));
            xml.WriteString(Valid($"{run.Explanation}\nreplay: {run.ReplayCommand}\nchoices: {run.ChoiceFile}\npage: {run.HtmlFile}\n"));
            xml.WriteEndElement();
        }

        xml.WriteElementString("system-out", Valid(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Iterations} runs, {run.Schedules} schedules, {run.Events} events, {run.VirtualSeconds:0.###} virtual seconds, trace hash {run.TraceHash}")));
        xml.WriteEndElement();
    }

    private static void Marks(XmlWriter xml, CampaignResult campaign)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", "marks");
        Counts(xml, campaign.MarksNeverHit.Count, campaign.MarksNeverHit.Count, 0);
        foreach (string mark in campaign.MarksNeverHit)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("classname", "simulation.marks");
            xml.WriteAttributeString("name", Valid(mark));
            xml.WriteAttributeString("time", "0");
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("type", "mark-never-hit");
            xml.WriteAttributeString("message", Valid($"no run reached the mark '{mark}'"));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Counts(XmlWriter xml, int tests, int failures, double seconds)
    {
        xml.WriteAttributeString("tests", tests.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", failures.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", "0");
        xml.WriteAttributeString("time", Seconds(seconds));
    }

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>What XML cannot hold at all becomes a question mark.</summary>
    private static string Valid(string text) => string.Concat(text.Select(static letter => XmlConvert.IsXmlChar(letter) ? letter : '?'));
}
