-- SPDX-License-Identifier: GPL-2.0-or-later
-- The ready views, in SQL that DuckDB and SQLite both speak. Times are integers of ns.

-- Connections that were never opened. One that was tried for less than 5 s when its capture ended has not failed.
CREATE VIEW failed_connections AS
SELECT connections.*
FROM connections JOIN units ON units.unit = connections.unit
WHERE outcome IN ('refused', 'unreachable', 'handshake-reset')
   OR (outcome IN ('unanswered', 'embryonic')
       AND coalesce(capture_end_ns, last_ns, last_packet_ns) - first_packet_ns >= 5000000000);

-- A server address and port.
CREATE VIEW services AS
SELECT server_address, server_port,
       count(*) AS connections,
       count(DISTINCT client_address) AS clients,
       sum(CASE WHEN outcome = 'closed' THEN 1 ELSE 0 END) AS closed,
       coalesce(max(failed), 0) AS failed_opens,
       sum(CASE WHEN outcome IN ('reset', 'desynchronized') THEN 1 ELSE 0 END) AS resets,
       sum(CASE WHEN server_fin_owed_ns IS NOT NULL THEN 1 ELSE 0 END) AS owes_fin,
       sum(CASE WHEN unfinished THEN 1 ELSE 0 END) AS unfinished,
       sum(packets) AS packets,
       sum(bytes_client) AS bytes_client,
       sum(bytes_server) AS bytes_server,
       min(first_packet_ns) AS first_packet_ns,
       max(last_packet_ns) AS last_packet_ns,
       count(points) AS at_two_points,
       sum(lost_client_to_server) AS lost_client_to_server,
       sum(lost_server_to_client) AS lost_server_to_client
FROM connections
LEFT JOIN (SELECT server_address AS address, server_port AS port, count(*) AS failed
           FROM failed_connections GROUP BY server_address, server_port) AS counted
  ON address = server_address AND port = server_port
GROUP BY server_address, server_port;

-- Connections that were never opened, by server and kind, with one of each: the first.
CREATE VIEW failed_opens AS
SELECT server_address, server_port, outcome, connections, clients, first_packet_ns, newest_packet_ns AS last_packet_ns,
       connection_id, client_address, client_port, capture, frame
FROM (SELECT *,
             count(*) OVER same AS connections,
             max(last_packet_ns) OVER same AS newest_packet_ns,
             row_number() OVER (PARTITION BY server_address, server_port, outcome
                                ORDER BY first_packet_ns, connection_id) AS place
      FROM failed_connections
      WINDOW same AS (PARTITION BY server_address, server_port, outcome)) AS ranked
JOIN (SELECT server_address AS address, server_port AS port, outcome AS kind,
             count(DISTINCT client_address) AS clients
      FROM failed_connections
      GROUP BY server_address, server_port, outcome) AS counted
  ON address = server_address AND port = server_port AND kind = outcome
WHERE place = 1;

-- An end that got a FIN and sent none: a row for each connection, with how long that had been so at the end.
CREATE VIEW stuck_connections AS
SELECT 'server' AS stuck_end, server_fin_owed_ns AS age_ns,
       CASE WHEN server_fin_owed_ns >= 86400000000000 THEN '5: a day or more'
            WHEN server_fin_owed_ns >= 3600000000000 THEN '4: an hour or more'
            WHEN server_fin_owed_ns >= 600000000000 THEN '3: 10 min to 1 h'
            WHEN server_fin_owed_ns >= 60000000000 THEN '2: 1 to 10 min'
            ELSE '1: under 1 min' END AS age, connections.*
FROM connections WHERE server_fin_owed_ns IS NOT NULL
UNION ALL
SELECT 'client' AS stuck_end, client_fin_owed_ns AS age_ns,
       CASE WHEN client_fin_owed_ns >= 86400000000000 THEN '5: a day or more'
            WHEN client_fin_owed_ns >= 3600000000000 THEN '4: an hour or more'
            WHEN client_fin_owed_ns >= 600000000000 THEN '3: 10 min to 1 h'
            WHEN client_fin_owed_ns >= 60000000000 THEN '2: 1 to 10 min'
            ELSE '1: under 1 min' END AS age, connections.*
FROM connections WHERE client_fin_owed_ns IS NOT NULL;

-- The same by server and age.
CREATE VIEW stuck_closes AS
SELECT server_address, server_port, stuck_end, age, count(*) AS connections,
       count(DISTINCT client_address) AS clients, max(age_ns) AS longest_ns
FROM stuck_connections
GROUP BY server_address, server_port, stuck_end, age;

-- Servers that got a FIN a minute or longer before the end and have not closed, with the oldest connection of each.
CREATE VIEW never_closed AS
SELECT server_address, server_port, connections, clients, age_ns AS longest_ns, first_seen_ns, connection_id,
       client_address, client_port, coalesce(fin_frame_file, capture) AS capture, fin_frame AS frame
FROM (SELECT *,
             count(*) OVER same AS connections,
             min(first_packet_ns) OVER same AS first_seen_ns,
             row_number() OVER (PARTITION BY server_address, server_port
                                ORDER BY age_ns DESC, connection_id) AS place
      FROM stuck_connections
      WHERE stuck_end = 'server' AND age_ns >= 60000000000
      WINDOW same AS (PARTITION BY server_address, server_port)) AS ranked
JOIN (SELECT server_address AS address, server_port AS port, count(DISTINCT client_address) AS clients
      FROM stuck_connections
      WHERE stuck_end = 'server' AND age_ns >= 60000000000
      GROUP BY server_address, server_port) AS counted
  ON address = server_address AND port = server_port
WHERE place = 1;

CREATE VIEW resets AS
SELECT reset_cause, hour, closer, count(*) AS connections, count(DISTINCT server_address) AS servers
FROM connections
WHERE reset_cause IS NOT NULL
GROUP BY reset_cause, hour, closer;

-- Handshakes that were captured as a whole; the percentile p is the smallest time that p % don't exceed.
CREATE VIEW handshake_times AS
SELECT server_address, server_port, max(number) AS handshakes,
       min(CASE WHEN place * 100 >= number * 50 THEN handshake_time_ns END) AS p50_ns,
       min(CASE WHEN place * 100 >= number * 90 THEN handshake_time_ns END) AS p90_ns,
       min(CASE WHEN place * 100 >= number * 99 THEN handshake_time_ns END) AS p99_ns,
       max(handshake_time_ns) AS longest_ns
FROM (SELECT server_address, server_port, handshake_time_ns,
             count(*) OVER (PARTITION BY server_address, server_port) AS number,
             row_number() OVER (PARTITION BY server_address, server_port ORDER BY handshake_time_ns) AS place
      FROM connections WHERE handshake_time_ns IS NOT NULL) AS ranked
GROUP BY server_address, server_port;

-- What could still have changed after the last packet of its unit, by how long nothing had come.
CREATE VIEW unfinished AS
SELECT server_address, server_port, outcome, client_state, server_state,
       CASE WHEN silent_ns >= 3600000000000 THEN '5: an hour or more'
            WHEN silent_ns >= 600000000000 THEN '4: 10 min to 1 h'
            WHEN silent_ns >= 60000000000 THEN '3: 1 to 10 min'
            WHEN silent_ns >= 10000000000 THEN '2: 10 s to 1 min'
            ELSE '1: under 10 s' END AS age,
       count(*) AS connections, max(silent_ns) AS longest_ns
FROM (SELECT connections.*,
             coalesce(units.capture_end_ns, units.last_ns) - connections.last_packet_ns AS silent_ns
      FROM connections JOIN units ON units.unit = connections.unit
      WHERE unfinished) AS waiting
GROUP BY server_address, server_port, outcome, client_state, server_state, age;

CREATE VIEW outcomes_by_hour AS
SELECT server_address, server_port, hour, outcome, count(*) AS connections
FROM connections
GROUP BY server_address, server_port, hour, outcome;
