-- Decides every change of a breaker's state, and who may call: the machine of policy.ts, which says what is meant.
-- KEYS: circuit, states, revision, log, past changes, history of calls, until when the service asked for no calls.
-- ARGV: op, now (-1: Redis's own), random, config, service, names of channel and facts, '1' for the whole circuit, then
--   look | admit <probe> | report <generation> <tally> <durations> <ring> <refused> | probe <generation> <probe> <call, or ''>
--   | force <state> <ttl ms> <actor> <note> | auto <actor> <note> | reset <actor> <note>
-- Config: JSON list of slot, least calls, failure rate, slow rate, failures in a row (0: never), open ms, most open ms, jitter,
--   probes, lease ms, seconds of the window. Names: channel, opened, half-opened, closed. Tally: calls, failures, slow, lead,
--   trail, worst. Durations: `<bucket>=<calls>;…`. Ring: a digit a call, for windows of calls.
-- Answers: what it came to, revision, now, when to ask again, state, generation, since, until, reason; the circuit as JSON.
local call, floor, min, max = redis.call, math.floor, math.min, math.max
local op, now, service = ARGV[1], tonumber(ARGV[2]), ARGV[5]
if now < 0 then
  local time = call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
end
local slot, least, failureRate, slowRate, inRow, openMs, openMax, jitter, permits, lease, windowS =
  unpack(cjson.decode(ARGV[4]))

local function emptySlots()
  local slots = {}
  for i = 1, 10 do slots[i] = { 0, 0, 0, 0 } end
  return slots
end
local text = call('GET', KEYS[1])
local c = text and cmsgpack.unpack(text) or {
  state = 'closed', gen = 0, since = 0, ends = 0, opened = 0, opens = 0, reason = '', actor = '', note = '',
  seen = { 0, 0, 0 }, slot = 0, slots = emptySlots(), ring = '', run = 0, probes = {}, passed = 0, failed = 0, refused = 0, trips = 0,
}

local passes = { closed = true, forced_closed = true, disabled = true }

-- 1795343641000 as 2026-11-22T10:34:01.000Z; null for 0.
local function instant(ms)
  if ms == 0 then return cjson.null end
  local days, rest = floor(ms / 86400000), ms % 86400000
  local z = days + 719468
  local era = floor(z / 146097)
  local doe = z - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local day, month = doy - floor((153 * mp + 2) / 5) + 1, mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month, day,
    floor(rest / 3600000), floor(rest / 60000) % 60, floor(rest / 1000) % 60, rest % 1000)
end

local function seenIn()
  if c.slot < 0 then
    local _, failures = string.gsub(c.ring, '[13]', '')
    local _, slow = string.gsub(c.ring, '[23]', '')
    return { #c.ring, failures, slow }
  end
  local newest, seen = c.slot == 0 and 0 or floor(now / c.slot), { 0, 0, 0 }
  for _, s in ipairs(c.slots) do
    if s[1] <= newest and s[1] > newest - 10 then
      for i = 1, 3 do seen[i] = seen[i] + s[i + 1] end
    end
  end
  return seen
end

-- However long the service asked for, a day at a time.
local function pausedUntil() return min(tonumber(call('GET', KEYS[7]) or 0), now + 86400000) end

local function tell()
  local brief = cjson.encode({
    service = service, state = c.state, gen = c.gen, at = now, since = c.since, ['until'] = c.ends, reason = c.reason,
  })
  call('HSET', KEYS[2], service, brief)
  call('PUBLISH', string.match(ARGV[6], '^%S+'), brief)
end

local function change(to, reason, untilMs, actor, note, seen)
  local from = c.state
  local opened, halfOpened, closed = string.match(ARGV[6], ' (%S+) (%S+) (%S+)')
  if not seen then
    if from == 'half_open' then seen = { c.passed + c.failed, c.failed, 0 }
    elseif passes[from] then seen = seenIn() else seen = c.seen end
  end
  if passes[to] then c.opened = 0 elseif passes[from] or c.opened == 0 then c.opened = now end
  c.state, c.gen, c.since, c.ends, c.reason, c.seen = to, call('INCR', KEYS[3]), now, untilMs, reason, seen
  c.actor, c.note = actor or '', note or ''
  c.slots, c.ring, c.run, c.probes, c.passed, c.failed = emptySlots(), '', 0, {}, 0, 0
  call('XADD', KEYS[4], '*', string.format('%s@%d', passes[to] and closed or to == 'half_open' and halfOpened or opened, now), cjson.encode({
    service = service, from = from, to = to, reason = reason,
    failure_rate = seen[1] > 0 and seen[2] / seen[1] or 0, calls = seen[1], window_s = windowS > 0 and windowS or cjson.null,
    opened_at = instant(c.opened), next_attempt_at = instant(untilMs), actor = actor or cjson.null, sequence = c.gen,
  }))
  tell()
  call('ZADD', KEYS[5], now, table.concat({ c.gen, from, to, reason }, '|'))
  call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - 90000000)
  call('ZREMRANGEBYRANK', KEYS[5], 0, -2001)
end

local function open(reason, seen)
  local whole = min(openMax, openMs * 2 ^ min(c.opens, 30))
  local length = max(1, min(floor(whole * (1 + jitter * (2 * tonumber(ARGV[3]) - 1))), openMax))
  c.opens, c.trips = c.opens + 1, c.trips + 1
  change('open', reason, max(now + length, pausedUntil()), nil, nil, seen)
end

local function settle()
  local decided = c.passed + c.failed
  local probes = max(permits, decided)
  if c.failed / probes >= failureRate then open('probe_failed', { decided, c.failed, 0 })
  elseif decided > 0 and (probes - c.passed) / probes < failureRate then
    change('closed', 'probe_ok', 0)
    c.opens = 0
  end
end

-- What time alone does.
if c.ends > 0 and now >= c.ends and c.state == 'open' and pausedUntil() > now then
  -- No change of state, but news for all processes, and so a generation of its own.
  c.ends, c.gen = pausedUntil(), call('INCR', KEYS[3])
  tell()
elseif c.ends > 0 and now >= c.ends and c.state ~= 'half_open' then
  change((c.state == 'open' or c.state == 'forced_open') and 'half_open' or 'closed', 'timeout', 0)
end
local out = 0
if c.state == 'half_open' then
  local left = {}
  for probe, ends in pairs(c.probes) do
    if ends > now then
      left[probe] = ends
      out = out + 1
    else c.failed = c.failed + 1 end
  end
  c.probes = left
  settle()
end

local function numbers(text)
  local list = {}
  for number in string.gmatch(text, '%d+') do list[#list + 1] = tonumber(number) end
  return list
end

-- The last hour in slots of 6 s, for what-ifs: number, calls, failures, slow, lead, trail, worst, refused, and durations.
local function keep(t, durations, refused)
  local n = floor(now / 6000)
  local field = n % 600
  local head, tail = string.match(call('HGET', KEYS[6], field) or '', '^(.-)|(.*)$')
  local h = head and numbers(head)
  if not h or h[1] ~= n then h, tail = { n, 0, 0, 0, 0, 0, 0, 0 }, '' end
  local sums, parts = {}, {}
  for bucket, calls in string.gmatch(tail .. ';' .. durations, '(%d+)=(%d+)') do sums[bucket] = (sums[bucket] or 0) + calls end
  for bucket, calls in pairs(sums) do parts[#parts + 1] = bucket .. '=' .. calls end
  local lead = h[5] == h[2] and h[2] + t[4] or h[5]
  local trail = t[5] == t[1] and h[6] + t[1] or t[5]
  local slot = { n, h[2] + t[1], h[3] + t[2], h[4] + t[3], lead, trail, max(h[7], t[6], h[6] + t[4]), h[8] + refused }
  call('HSET', KEYS[6], field, table.concat(slot, ',') .. '|' .. table.concat(parts, ';'))
  call('PEXPIRE', KEYS[6], 7200000)
end

local function report(gen, t, durations, ring, refused)
  local calls, failures, slow, lead, trail, worst = unpack(t)
  c.refused = c.refused + refused
  keep(t, durations, refused)
  if gen ~= c.gen or not passes[c.state] then return 'stale' end
  if c.state == 'disabled' then return 'counted' end
  worst = max(worst, c.run + lead)
  c.run = trail == calls and c.run + calls or trail
  if c.slot ~= slot then c.slot, c.slots, c.ring = slot, emptySlots(), '' end
  if slot < 0 then c.ring = string.sub(c.ring .. ring, slot)
  else
    local n = floor(now / slot)
    local s = c.slots[n % 10 + 1]
    if s[1] ~= n then s = { n, 0, 0, 0 } end
    c.slots[n % 10 + 1] = { n, s[2] + calls, s[3] + failures, s[4] + slow }
  end
  if c.state ~= 'closed' then return 'counted' end
  local seen = seenIn()
  local enough = seen[1] >= least
  if enough and seen[2] / seen[1] >= failureRate then open('threshold', seen)
  elseif enough and seen[3] / seen[1] >= slowRate then open('slow_calls', seen)
  elseif inRow > 0 and worst >= inRow then open('consecutive', seen) end
  return 'counted'
end

local function endProbe(gen, probe, result)
  local code = string.byte(result) or 0
  local failed, slow = code % 2, floor(code / 2) % 2
  if result ~= '' then keep({ 1, failed, slow, failed, failed, failed }, floor(code / 4) .. '=1', 0) end
  if gen ~= c.gen or c.state ~= 'half_open' or not c.probes[probe] then return 'stale' end
  c.probes[probe] = nil
  if result == '' then return 'counted' end
  if failed + slow > 0 then c.failed = c.failed + 1 else c.passed = c.passed + 1 end
  settle()
  return 'counted'
end

local askAgainAt = 0
local function admit(probe)
  if passes[c.state] then return 'passed' end
  askAgainAt = c.ends
  if c.state ~= 'half_open' then return 'refused' end
  -- Asked again, because the answer was lost on its way.
  if c.probes[probe] then return 'probe' end
  if out + c.passed + c.failed < permits then
    c.probes[probe] = now + lease
    return 'probe'
  end
  askAgainAt = now + openMs
  for _, ends in pairs(c.probes) do askAgainAt = min(askAgainAt, ends) end
  return 'refused'
end

local function byHand(actor, note)
  if op == 'reset' then
    change('closed', 'reset', 0, actor, note)
    c.opens = 0
    return 'done'
  end
  if c.state ~= 'forced_open' and c.state ~= 'forced_closed' and c.state ~= 'disabled' then return 'same' end
  change(c.state == 'forced_open' and 'half_open' or 'closed', 'manual', 0, actor, note)
  return 'done'
end

local function force(to, ttl, actor, note)
  if c.state == to then return 'same' end
  change(to, 'manual', ttl > 0 and now + ttl or 0, actor, note)
  return 'done'
end

local answer, a, b, d = 'looked', ARGV[8], ARGV[9], ARGV[10]
if op == 'admit' then answer = admit(a)
elseif op == 'report' then answer = report(tonumber(a), numbers(b), d, ARGV[11], tonumber(ARGV[12]))
elseif op == 'probe' then answer = endProbe(tonumber(a), b, d)
elseif op == 'force' then answer = force(a, tonumber(b), d, ARGV[11])
elseif op == 'auto' or op == 'reset' then answer = byHand(a, b) end

local after = cmsgpack.pack(c)
-- A breaker that was only asked is not one yet.
if after ~= text and (text or (answer ~= 'looked' and answer ~= 'passed')) then call('SET', KEYS[1], after) end
return { answer, tonumber(call('GET', KEYS[3]) or 0), now, askAgainAt, c.state, c.gen, c.since, c.ends, c.reason,
  ARGV[7] == '1' and cjson.encode(c) or '' }
