using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Sim.Viewer;
using Xunit;

namespace ObjectStore.Sim.Proofs;

/// <summary>Goal: people can use the pages. Method: a headless Chromium opens them from disk and presses keys.</summary>
public sealed class BrowserTests
{
    [ChromiumFact]
    public async Task The_page_of_a_run_opens_without_an_error_and_loads_nothing()
    {
        await using Chromium browser = await Chromium.OpenAsync(SmallRegion.Page());
        Assert.Equal("true", await browser.EvaluateAsync("document.documentElement.dataset.ready"));
        Assert.Equal("undefined", await browser.EvaluateAsync("document.documentElement.dataset.error"));
        Assert.Equal("0", await browser.EvaluateAsync("performance.getEntriesByType('resource').length"));
        Assert.Equal("0", await browser.EvaluateAsync("document.images.length"));
        Assert.DoesNotContain("owned", await browser.EvaluateAsync("document.title === 'owned' ? 'owned' : ''"), System.StringComparison.Ordinal);
        Assert.Equal(RunPageTests.Hostile, await browser.EvaluateAsync("document.getElementById('title').textContent"));
    }

    [ChromiumFact]
    public async Task The_answer_that_cannot_be_placed_is_what_one_sees_first()
    {
        await using Chromium browser = await Chromium.OpenAsync(SmallRegion.Page());
        Assert.Equal("History", await browser.EvaluateAsync("document.querySelector('[aria-selected=true]').textContent"));
        Assert.Equal("1", await browser.EvaluateAsync("document.querySelector('tr.unplaceable').dataset.entry"));
        Assert.Equal("0", await browser.EvaluateAsync("document.querySelector('tr.involved').dataset.entry"));
        Assert.Equal("true", await browser.EvaluateAsync(
            "(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('tr.unplaceable').getBoundingClientRect())"));
    }

    [ChromiumFact]
    public async Task Keys_step_search_zoom_and_switch()
    {
        await using Chromium browser = await Chromium.OpenAsync(SmallRegion.Page(), "tab=events&event=0");
        Assert.Equal("0", await SelectedAsync());
        await browser.PressAsync("ArrowRight");
        await browser.PressAsync("ArrowRight");
        Assert.Equal("2", await SelectedAsync());
        await browser.PressAsync("ArrowLeft");
        Assert.Equal("1", await SelectedAsync());
        await browser.PressAsync("ArrowRight", shift: true);
        Assert.Equal("fault", await browser.EvaluateAsync("events[Number(document.documentElement.dataset.selected)].area"));

        await browser.PressAsync("/");
        foreach (char letter in "lived")
        {
            await browser.PressAsync($"{letter}");
        }

        Assert.Equal("2", await browser.EvaluateAsync("document.documentElement.dataset.found"));
        await browser.PressAsync("Escape");
        Assert.Equal("0", await browser.EvaluateAsync("document.documentElement.dataset.found"));

        double whole = await SpanAsync();
        await browser.PressAsync("+");
        Assert.True(await SpanAsync() < whole);
        await browser.PressAsync("f");
        Assert.Equal(whole, await SpanAsync());

        await browser.PressAsync("3");
        Assert.Contains("Power loss", await browser.EvaluateAsync("document.getElementById('tab-disks').textContent"), System.StringComparison.Ordinal);
        await browser.PressAsync("4");
        Assert.Contains("replay <it>", await browser.EvaluateAsync("document.getElementById('tab-account').textContent"), System.StringComparison.Ordinal);
        await browser.PressAsync("?");
        Assert.Equal("flex", await browser.EvaluateAsync("getComputedStyle(document.getElementById('help')).display"));
        await browser.PressAsync("Escape");
        Assert.Equal("none", await browser.EvaluateAsync("getComputedStyle(document.getElementById('help')).display"));

        Task<string> SelectedAsync() => browser.EvaluateAsync("document.documentElement.dataset.selected");
        async Task<double> SpanAsync() => double.Parse(await browser.EvaluateAsync("timeline.span"), CultureInfo.InvariantCulture);
    }

    [ChromiumFact]
    public async Task Light_and_dark_follow_the_system_until_somebody_chooses()
    {
        await using Chromium browser = await Chromium.OpenAsync(SmallRegion.Page(), dark: true);
        Assert.Equal("rgb(20, 24, 31)", await BackAsync());
        await browser.PressAsync("d");
        Assert.Equal("rgb(255, 255, 255)", await BackAsync());
        await browser.PressAsync("d");
        Assert.Equal("rgb(20, 24, 31)", await BackAsync());

        Task<string> BackAsync() => browser.EvaluateAsync("getComputedStyle(document.body).backgroundColor");
    }

    [ChromiumFact]
    public async Task Nothing_sticks_out_of_the_pages()
    {
        await using Chromium browser = await Chromium.OpenAsync(SmallRegion.Page());
        Assert.Equal("0", await browser.EvaluateAsync("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        await using Chromium campaign = await Chromium.OpenAsync(CampaignPage.Render(CampaignReportTests.Broken()), dark: true);
        Assert.Equal("true", await campaign.EvaluateAsync("document.documentElement.dataset.ready"));
        Assert.Equal("undefined", await campaign.EvaluateAsync("document.documentElement.dataset.error"));
        Assert.Equal("0", await campaign.EvaluateAsync("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        Assert.Equal("1", await campaign.EvaluateAsync("document.querySelectorAll('.failure').length"));
        Assert.Equal("0", await campaign.EvaluateAsync("document.images.length"));
    }
}
