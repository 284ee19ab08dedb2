import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { makeFake } from "../../../ipc/fake";
import { setHost } from "../../../ipc/host";
import { renderInConsole } from "../../../testing/render";
import { TwoWords } from "./TwoWords";

it("a state that the catalogues do not know is shown as the backend or WeChat wrote it", async () => {
  const { host } = makeFake({ orders: 40, delayMs: 0 });
  setHost(host);
  const { rows } = await host.commands.orderWindow("demo", { group: "all", search: "" }, 0, 40);
  const details = await Promise.all(rows.map(({ id }) => host.commands.orderDetail("demo", id)));
  const detail = details.find(({ wechat }) => wechat !== null);
  if (detail?.wechat == null) {
    throw new Error("the scripted shop has no order that WeChat answered for");
  }
  detail.backend.paymentState = "on_account";
  detail.wechat.tradeState = "FROZEN";
  await renderInConsole(<TwoWords detail={detail} onAsk={() => undefined} asking={false} />);
  expect(screen.getByText("on_account")).toBeTruthy();
  expect(screen.getByText("FROZEN")).toBeTruthy();
});
