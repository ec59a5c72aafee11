// Checking a signature in the browser, as a receiver would: HMAC-SHA256 over id, time and the exact body. Nothing is sent.

export interface Signed {
  id: string
  timestamp: string
  /** The header `webhook-signature`, one or more; one may be cut short and end with `…`. */
  signature: string
  body: string
}

/** `unable`: this browser does no such thing here. `no_secret`: what was pasted is none. */
export type Verdict = 'fits' | 'does_not_fit' | 'no_secret' | 'unable'

const CUT = '…'
const CUT_MIN = 6

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

/** The key that a secret stands for; undefined when it is not `whsec_` and 24 to 64 bytes in base64. */
const keyOf = (secret: string): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : undefined
  return bytes && bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined
}

const textOf = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)))

/** The signatures of the header, without what names their version. */
const signaturesIn = (header: string): string[] =>
  header.split(' ').flatMap((each) => (each.startsWith('v1,') ? [each.slice('v1,'.length)] : []))

const isSame = (shown: string, made: string): boolean =>
  shown === made || (shown.endsWith(CUT) && shown.length > CUT_MIN && made.startsWith(shown.slice(0, -CUT.length)))

/** Whether one of the signatures was made with a secret. */
export const verify = async (secret: string, { id, timestamp, signature, body }: Signed): Promise<Verdict> => {
  const key = keyOf(secret.trim())
  if (!key) return 'no_secret'
  // Browsers offer it over https and on the machine itself only.
  const subtle = (crypto as Partial<Crypto>).subtle
  if (!subtle) return 'unable'
  const hmac = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const made = textOf(await subtle.sign('HMAC', hmac, new TextEncoder().encode(`${id}.${timestamp}.${body}`)))
  return signaturesIn(signature).some((shown) => isSame(shown, made)) ? 'fits' : 'does_not_fit'
}

export const verdictWords: Record<Verdict, string> = {
  fits: 'The signature was made with this secret, over exactly this body.',
  does_not_fit: 'The signature was not made with this secret, or the body is another.',
  no_secret: 'This is no secret: it begins with whsec_ and goes on in base64.',
  unable: 'This browser checks signatures over https and on this machine only.',
}
