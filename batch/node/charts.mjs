// SPDX-License-Identifier: GPL-2.0-or-later
// Draws charts as SVG text: [{"width", "height", "option"}] of ECharts on stdin, a JSON list on stdout.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const echarts = createRequire(process.argv[2] + '/')('echarts');

const pictures = JSON.parse(readFileSync(0, 'utf8')).map(({ width, height, option }) => {
    const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
    chart.setOption({ animation: false, ...option });
    const svg = chart.renderToSVGString();
    chart.dispose();
    return svg;
});
process.stdout.write(JSON.stringify(pictures));
