import { Check, CircleDashed, TriangleAlert } from "lucide-react";
import { Badge } from "../components";
import { wordOf } from "../lib/texts";

/** Whether WeChat confirms the money. Calm when it does: that is how it should be. Red when it denies it. */
export function VerifiedBadge({ verified }: { verified: string }) {
  const word = wordOf("state.verified", verified);
  switch (verified) {
    case "verified":
      return (
        <Badge tone="calm" icon={<Check size={14} aria-hidden="true" />}>
          {word}
        </Badge>
      );
    case "mismatch":
    case "not_paid":
      return (
        <Badge tone="danger" icon={<TriangleAlert size={14} aria-hidden="true" />}>
          {word}
        </Badge>
      );
    case "unavailable":
      return <Badge tone="warn">{word}</Badge>;
    case "pending":
      return (
        <Badge tone="plain" icon={<CircleDashed size={14} aria-hidden="true" />}>
          {word}
        </Badge>
      );
    default:
      return null;
  }
}
