/** Tells addresses of the public internet from those of private networks and of the machine itself. */
import ipaddr from "ipaddr.js"

export type Address = ReturnType<typeof ipaddr.parse>

/** Global addresses in use (RFC 4291, IANA). */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3")

/** Embeds an IPv4 address in its last 32 bits (RFC 6052), for networks that translate. */
const nat64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96")

/** Embeds an IPv4 address behind its first 16 bits (RFC 3056). */
const sixToFour = ipaddr.IPv6.parseCIDR("2002::/16")

/** The platform service of Azure, which every virtual machine there reaches under this public address. */
const azurePlatform = "168.63.129.16"

/** Returns an address, or undefined for text that is none in its usual form: no octal, no short form, no zone. */
export const parseAddress = (text: string): Address | undefined => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return text.includes("%") || !ipaddr.IPv6.isValid(text) ? undefined : ipaddr.IPv6.parse(text)
}

/** The IPv4 address that an IPv6 address stands for, or the address itself. */
const unwrapped = (address: Address): Address => {
  if (address instanceof ipaddr.IPv4) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  const bytes = address.toByteArray()
  if (address.match(nat64)) return ipaddr.fromByteArray(bytes.slice(12))
  if (address.match(sixToFour)) return ipaddr.fromByteArray(bytes.slice(2, 6))
  return address
}

/**
 * Whether an address is a unicast address of the public internet. One that embeds an IPv4 address
 * (mapped, NAT64, 6to4) is judged by that. Text that is no address is none.
 */
export const isPublicAddress = (text: string): boolean => {
  const parsed = parseAddress(text)
  if (parsed === undefined) return false
  const address = unwrapped(parsed)
  if (address.range() !== "unicast" || address.toString() === azurePlatform) return false
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast)
}

/** An address, or a range of addresses such as `10.0.0.0/8`. */
export interface AddressRange {
  readonly contains: (address: string) => boolean
}

/** Returns a range, or undefined for text that is none. */
export const parseRange = (text: string): AddressRange | undefined => {
  const [network = "", bits, ...more] = text.split("/")
  const address = parseAddress(network)
  if (address === undefined || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)))
    return undefined
  const width = address.kind() === "ipv4" ? 32 : 128
  const prefix = bits === undefined ? width : Number(bits)
  if (prefix > width) return undefined
  return {
    contains: (text) => {
      const parsed = parseAddress(text)
      if (parsed === undefined) return false
      const candidates = [parsed, unwrapped(parsed)]
      return candidates.some(
        (candidate) => candidate.kind() === address.kind() && candidate.match(address, prefix)
      )
    }
  }
}
