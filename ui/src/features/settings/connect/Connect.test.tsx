import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { type Fake, makeFake } from "../../../ipc/fake";
import { setHost } from "../../../ipc/host";
import { t } from "../../../lib/texts";
import { expectAccessible } from "../../../testing/accessible";
import { renderInConsole } from "../../../testing/render";
import { Connect } from "./Connect";

let fake: Fake;

async function show() {
  fake = makeFake({ orders: 5, delayMs: 0 });
  setHost(fake.host);
  return renderInConsole(<Connect />);
}

const json = '{"shop":{"id":"x"},"backend":{"token":"s3cret-token"}}';

async function paste(text: string) {
  fireEvent.click(screen.getByRole("button", { name: "粘贴内容" }));
  fireEvent.input(await screen.findByLabelText("连接文件的内容"), { target: { value: text } });
}

const check = () => fireEvent.click(screen.getByRole("button", { name: "检查" }));
const keep = () => screen.getByRole("button", { name: "接入" });

it("a secret is read from the page's form and is gone with it", async () => {
  const { client } = await show();
  await paste(json);
  check();
  await screen.findByText(/检查通过/);
  fireEvent.click(keep());
  await waitFor(() =>
    expect(fake.callsOf("connectionKeep")).toEqual([[{ kind: "json", text: json }, { kind: "keychain" }]]),
  );
  await waitFor(() => expect(screen.getByLabelText("连接文件的内容")).toHaveProperty("value", ""));
  expect(
    JSON.stringify(
      client
        .getQueryCache()
        .getAll()
        .map(({ state }) => state.data),
    ),
  ).not.toContain("s3cret");
});

it("the answer to an earlier text lets no later one through", async () => {
  await show();
  await paste(json);
  const letGo = fake.hold("connectionTry");
  check();
  await waitFor(() => expect(fake.callsOf("connectionTry")).toHaveLength(1));
  fireEvent.input(screen.getByLabelText("连接文件的内容"), { target: { value: `${json} ` } });
  letGo();
  await screen.findByText("内容改过了，请再检查一次。");
  fireEvent.click(keep());
  expect(fake.callsOf("connectionKeep")).toEqual([]);
});

it("a shop that cannot be kept says why, and everything typed is still there", async () => {
  await show();
  await paste(json);
  check();
  await screen.findByText(/检查通过/);
  fake.failNext("connectionKeep", { code: "keychain_locked" });
  fireEvent.click(keep());
  await screen.findByText(t("error.keychain_locked.message"));
  expect(screen.getByLabelText("连接文件的内容")).toHaveProperty("value", json);
});

it("the version of the interface decides which keys are asked for", async () => {
  const user = userEvent.setup();
  await show();
  await user.click(screen.getByRole("button", { name: "自己填" }));
  expect(screen.getByLabelText("API v2 密钥")).toHaveProperty("type", "password");
  await user.click(screen.getByRole("button", { name: "API v3" }));
  expect(screen.queryByLabelText("API v2 密钥")).toBeNull();
  await user.type(screen.getByLabelText("API v3 密钥"), "k");
  check();
  await waitFor(() =>
    expect(fake.callsOf("connectionTry")[0]?.[0]).toMatchObject({
      kind: "form",
      form: { api: "v3", apiV3Key: "k", apiV2Key: "" },
    }),
  );
});

it("connecting can be done by everybody", async () => {
  const { container } = await show();
  fireEvent.click(screen.getByRole("button", { name: "自己填" }));
  check();
  await screen.findByText(/还不能接入/);
  await expectAccessible(container);
});

it("files that are dropped onto the window go into the fields that they belong into", async () => {
  await show();
  act(() => fake.drop("/media/usb/shop.json"));
  expect(screen.getByLabelText("连接文件")).toHaveProperty("value", "/media/usb/shop.json");
  act(() => fake.drop("C:\\cert\\apiclient_cert.pem", "C:\\cert\\apiclient_key.pem", "/home/shop/pub_key.pem"));
  const pathIn = (field: string) => screen.getByLabelText<HTMLInputElement>(t(`window.connect.field.${field}`)).value;
  await waitFor(() => expect(pathIn("publicKeyFile")).toBe("/home/shop/pub_key.pem"));
  expect([pathIn("certFile"), pathIn("keyFile")]).toEqual([
    "C:\\cert\\apiclient_cert.pem",
    "C:\\cert\\apiclient_key.pem",
  ]);
  act(() => fake.drop("/tmp/WXCertUtil.zip"));
  await screen.findByText(t("window.connect.drop_unknown", { file: "WXCertUtil.zip" }));
  expect(pathIn("certFile")).toContain("apiclient_cert.pem");
});

it("a connection file and certificates that are dropped together are both used", async () => {
  await show();
  act(() => fake.drop("/media/usb/shop.json", "/media/usb/apiclient_cert.pem", "/media/usb/apiclient_key.pem"));
  const pathIn = (field: string) => screen.getByLabelText<HTMLInputElement>(t(`window.connect.field.${field}`)).value;
  await waitFor(() => expect(pathIn("keyFile")).toBe("/media/usb/apiclient_key.pem"));
  check();
  await screen.findByText(/检查通过/);
  fireEvent.click(keep());
  const given = { certFile: "/media/usb/apiclient_cert.pem", keyFile: "/media/usb/apiclient_key.pem" };
  await waitFor(() =>
    expect(fake.callsOf("connectionKeep")[0]?.[0]).toEqual({
      kind: "file",
      path: "/media/usb/shop.json",
      given: { ...given, p12File: "", publicKeyFile: "" },
    }),
  );
});

it.each([
  ["the file first", ["/a/shop.json", "/a/apiclient_cert.p12"]],
  ["the certificate first", ["/a/apiclient_cert.p12", "/a/shop.json"]],
])("dropped one after the other they are both used: %s", async (_, [first, second]) => {
  await show();
  act(() => fake.drop(first as string));
  act(() => fake.drop(second as string));
  await waitFor(() => expect(screen.getByLabelText("连接文件")).toHaveProperty("value", "/a/shop.json"));
  expect(screen.getByLabelText(t("window.connect.field.p12File"))).toHaveProperty("value", "/a/apiclient_cert.p12");
});

it("what is dropped has to be checked before it is kept", async () => {
  await show();
  act(() => fake.drop("/media/usb/shop.json"));
  check();
  await screen.findByText(/检查通过/);
  act(() => fake.drop("/media/usb/other.json"));
  await screen.findByText("内容改过了，请再检查一次。");
  fireEvent.click(keep());
  expect(fake.callsOf("connectionKeep")).toEqual([]);
});
