// SPDX-License-Identifier: GPL-2.0-or-later
// Runs SQL statements in DuckDB: {"statements", "memory", "scratch"} on stdin, a line of JSON for each on
// stdout. An integer stays one, however large.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';

const { DuckDBInstance, DuckDBTimestampNanosecondsValue } = createRequire(process.argv[2] + '/')('@duckdb/node-api');
const SECOND = 1000000000n;

function text(value) {
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
    if (typeof value === 'boolean') return String(value);
    if (Array.isArray(value)) return `[${value.map(text).join(',')}]`;
    return JSON.stringify(value instanceof DuckDBTimestampNanosecondsValue ? time(value.nanos) : String(value));
}

// As in the other tables: ISO 8601 with nine digits.
function time(nanos) {
    const rest = ((nanos % SECOND) + SECOND) % SECOND;
    const seconds = new Date(Number((nanos - rest) / 1000000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(rest).padStart(9, '0')}Z`;
}

function write(line) {
    const bytes = Buffer.from(line);
    for (let at = 0; at < bytes.length;) {
        try {
            at += writeSync(1, bytes, at);
        } catch (error) {
            if (error.code !== 'EAGAIN') throw error;
        }
    }
}

async function answer(connection, statement) {
    const result = await connection.stream(statement);
    write(`{"columns":${JSON.stringify(result.columnNames())},"rows":[`);
    let separator = '';
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount; chunk = await result.fetchChunk()) {
        for (const row of chunk.getRows()) {
            write(separator + text(row));
            separator = ',';
        }
    }
    write(']}\n');
}

try {
    const request = JSON.parse(readFileSync(0, 'utf8'));
    const instance = await DuckDBInstance.create(':memory:', {
        memory_limit: request.memory,
        preserve_insertion_order: 'false',
        autoinstall_known_extensions: 'false',
        ...(request.scratch ? { temp_directory: request.scratch } : {}),
    });
    const connection = await instance.connect();
    for (const statement of request.statements) await answer(connection, statement);
} catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
}
