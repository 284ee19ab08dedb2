import { Component, type ReactNode } from "react";
import { Button, FaultNotice } from "../components";
import { asFault } from "../console/faults";
import { t } from "../lib/texts";

type Props = {
  children: ReactNode;
  /** A new value is a new try, e.g. another screen. */
  place: string;
};

/** Keeps a mistake in one screen from taking the window with it, and says so in words. */
export class ErrorBoundary extends Component<Props, { reason: unknown; broken: boolean }> {
  override state = { reason: null as unknown, broken: false };

  static getDerivedStateFromError(reason: unknown) {
    return { reason, broken: true };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.broken && before.place !== this.props.place) {
      this.setState({ reason: null, broken: false });
    }
  }

  override render() {
    if (!this.state.broken) {
      return this.props.children;
    }
    return (
      <div className="flex h-full flex-col items-start gap-4 p-6">
        <h1 className="text-lg font-semibold">{t("window.frame.broken")}</h1>
        <FaultNotice fault={{ ...asFault(this.state.reason), retry: "never" }} />
        <Button onClick={() => this.setState({ reason: null, broken: false })}>{t("window.frame.again")}</Button>
      </div>
    );
  }
}
