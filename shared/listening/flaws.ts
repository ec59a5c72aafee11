// The ways in which a generated record is made wrong, each with the reason it must be rejected for.
import type { Form } from './fields.ts'
import type { Random } from './random.ts'
import type { RejectReason } from './record.ts'

/** The text of a record and the reason it must be rejected for. */
export type Flawed = { reason: RejectReason; text: string }

type Members = Record<string, unknown>
type Names = { time: string; ms: string; artist: string; title: string }

const namesOf: Record<Form, Names> = {
  basic: { time: 'endTime', ms: 'msPlayed', artist: 'artistName', title: 'trackName' },
  extended: {
    time: 'ts',
    ms: 'ms_played',
    artist: 'master_metadata_album_artist_name',
    title: 'master_metadata_track_name',
  },
}

type Flaw = (members: Members, names: Names, chance: Random) => Flawed

const changed =
  (reason: RejectReason, change: (names: Names, chance: Random) => Members): Flaw =>
  (members, names, chance) => ({ reason, text: JSON.stringify({ ...members, ...change(names, chance) }) })

const badTimes = [
  '2021-02-30 10:00',
  '1970-01-01T00:00:00Z',
  '2921-05-05T05:05:05Z',
  'yesterday',
  '',
  '04/05/2021 10:00',
]
const badLengths = [-1, -180_000, 1e15, 1e300, '180000', true]

const flaws: readonly Flaw[] = [
  changed('bad_time', ({ time }, chance) => ({ [time]: chance.pick(badTimes) })),
  changed('bad_duration', ({ ms }, chance) => ({ [ms]: chance.pick(badLengths) })),
  changed('missing_field', ({ time, ms }, chance) => ({ [chance.pick([time, ms])]: null })),
  changed('wrong_type', ({ title }, chance) => ({ [title]: chance.pick([1984, false, ['a'], { name: 'a' }]) })),
  changed('no_track', ({ artist }) => ({ [artist]: ' \u0000 ' })),
  (members, { artist, title, time }) => ({
    // The extended form documents null names, the basic form has none.
    reason: time === 'ts' ? 'no_track' : 'missing_field',
    text: JSON.stringify({ ...members, [artist]: null, [title]: null }),
  }),
  () => ({ reason: 'unknown_form', text: '{"playlist":"Summer 🏖","followers":3}' }),
  (_members, _names, chance) => ({
    reason: 'not_an_object',
    text: chance.pick(['null', '42', '"a text"', '["a", {"b": 1}]']),
  }),
  (members, { ms }) => ({ reason: 'not_json', text: JSON.stringify(members).replace(`"${ms}":`, `"${ms}":NaN`) }),
]

/** Makes a record wrong in a way that chance picks. Its members must be those of a track. */
export const flaw = (members: Members, form: Form, chance: Random): Flawed =>
  chance.pick(flaws)(members, namesOf[form], chance)
