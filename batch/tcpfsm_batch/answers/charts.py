# SPDX-License-Identifier: GPL-2.0-or-later
"""The charts of the report, as options of ECharts.

Rendered without a browser, ECharts has no measures of fonts: room for labels is given here. Lines and text
use three colours that report.css replaces in the dark; those of the series go with both.
"""
TEXT, LINE, BACKGROUND = "#22303c", "#d5dce2", "#ffffff"
COLOURS = {
    "closed": "#3a9d77", "open": "#5b9bd5", "half-closed": "#d9822b", "closing": "#b7a13c",
    "reset": "#8d6cc4", "unanswered": "#d1495b", "refused": "#e07a7a", "unreachable": "#a8324a",
    "embryonic": "#c75b9b",
    "handshake-reset": "#e59a5c", "desynchronized": "#7b4b94", "partial": "#8c99a5", "silent": "#4f6d7a",
    "replaced": "#6b8e9f",
    "handshake": "#d1495b", "established": "#5b9bd5", "one FIN sent": "#d9822b",
    "p50": "#3a9d77", "p90": "#d9822b", "p99": "#d1495b",
}
OTHERS = ["#5b9bd5", "#d9822b", "#3a9d77", "#d1495b", "#8d6cc4", "#b7a13c", "#c75b9b", "#4f6d7a", "#e59a5c",
          "#6b8e9f", "#a8324a"]
AGES = ["#9cc5a1", "#e3c565", "#e59a5c", "#d1495b", "#8f1d35"]
WIDTH, HEIGHT, FONT = 620, 320, 13


def _axis(**more):
    text = {"color": TEXT, "fontSize": FONT}
    return {"axisLabel": {**text, **more.pop("label", {})}, "axisLine": {"lineStyle": {"color": LINE}},
            "axisTick": {"show": False}, "splitLine": {"lineStyle": {"color": LINE}}, "nameTextStyle": text,
            **more}


def _chart(option, height=HEIGHT):
    legend = {"textStyle": {"color": TEXT, "fontSize": FONT}, "itemWidth": 12, "itemHeight": 12,
              "itemGap": 26, "left": 0, "top": 0, "icon": "rect"}
    return {"width": WIDTH, "height": height,
            "option": {"textStyle": {"fontFamily": "sans-serif"}, "legend": legend, **option}}


def _legend_lines(names):
    """Lines that the legend needs: its entries are about so wide."""
    lines, width = 1, 0
    for name in names:
        step = 8.5 * len(name) + 48
        if width + step > WIDTH:
            lines, width = lines + 1, 0
        width += step
    return lines


def _grid(names, left=56, bottom=34, right=16):
    return {"left": left, "right": right, "bottom": bottom, "top": 24 * _legend_lines(names) + 20}


def _colour(name, place):
    return COLOURS.get(name, OTHERS[place % len(OTHERS)])


def over_time(labels, series, area):
    """Stacked areas or bars; series: name to values, one a label."""
    drawn = []
    for place, (name, values) in enumerate(series.items()):
        style = {"color": _colour(name, place)}
        drawn.append({"name": name, "stack": "all", "data": values, "itemStyle": style, "animation": False,
                      **({"type": "line", "symbol": "none", "lineStyle": {"width": 1, **style}, "step": "end",
                          "areaStyle": {"opacity": 0.75, **style}} if area else
                         {"type": "bar", "barCategoryGap": "12%"})})
    every = max(0, -(-len(labels) // 5) - 1)
    return _chart({"grid": _grid(series), "series": drawn,
                   "xAxis": _axis(type="category", data=labels, boundaryGap=not area,
                                  label={"interval": every, "hideOverlap": True}),
                   "yAxis": _axis(type="value", minInterval=1)})


def bars(categories, series, colours=None, percent=False, left=170):
    """Stacked horizontal bars, the first category on top; series: name to values, one a category."""
    drawn = [{"name": name, "type": "bar", "stack": "all", "data": values, "barMaxWidth": 22,
              "itemStyle": {"color": colours[place] if colours else _colour(name, place)}}
             for place, (name, values) in enumerate(series.items())]
    height = 24 * _legend_lines(series) + 66 + 30 * len(categories)
    value = _axis(type="value", **({"max": 100} if percent else {"minInterval": 1}),
                  label={"formatter": "{value} %"} if percent else {})
    return _chart({"grid": _grid(series, left=left, right=30), "series": drawn, "xAxis": value,
                   "yAxis": _axis(type="category", data=categories, inverse=True)}, height)


def points(categories, series, left=170):
    """Points on a logarithmic axis of ms, a line a category."""
    drawn = [{"name": name, "type": "scatter", "symbolSize": 13, "data": values,
              "itemStyle": {"color": _colour(name, place), "borderColor": BACKGROUND, "borderWidth": 1}}
             for place, (name, values) in enumerate(series.items())]
    height = 24 * _legend_lines(series) + 66 + 30 * len(categories)
    return _chart({"grid": _grid(series, left=left, right=30), "series": drawn,
                   "xAxis": _axis(type="log", label={"formatter": "{value} ms"}),
                   "yAxis": _axis(type="category", data=categories, inverse=True)}, height)
