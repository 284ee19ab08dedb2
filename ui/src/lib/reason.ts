/** WeChat takes 80 bytes of reason and shows them to the customer; a Chinese character is three of them. */
const MOST_REASON_BYTES = 80;

/** Whether WeChat would refuse a reason for its length. Space around it is not sent and does not count. */
export function isReasonTooLong(reason: string): boolean {
  return new TextEncoder().encode(reason.trim()).length > MOST_REASON_BYTES;
}
