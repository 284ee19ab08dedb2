import { type RefObject, useEffect, useRef, useState } from "react";
import { toast } from "../../../components";
import { onDropped } from "../../../ipc/events";
import { t } from "../../../lib/texts";
import { certificateFiles, type FileName, fieldOf } from "./form";

/**
 * Puts the paths of files that are dropped onto the window into the fields of the form, beside those that stand there.
 * `onFields` hears first which fields hold a file then, so that it can show them: a connection file and the merchant's
 * certificates come together or one after the other.
 */
export function useDrops(form: RefObject<HTMLFormElement | null>, onFields: (fields: FileName[]) => void): void {
  const [dropped, setDropped] = useState<ReadonlyMap<FileName, string>>(new Map());
  const hear = useRef(onFields);
  useEffect(() => {
    hear.current = onFields;
  });
  useEffect(() => {
    const listening = onDropped(({ paths }) => {
      const fields = new Map<FileName, string>();
      for (const path of paths) {
        const field = fieldOf(path);
        if (field === null) {
          toast(t("window.connect.drop_unknown", { file: path.split(/[/\\]/).pop() ?? path }));
        } else {
          fields.set(field, path);
        }
      }
      if (fields.size > 0) {
        const all = new Map([...filled(form.current), ...fields]);
        hear.current([...all.keys()]);
        setDropped(all);
      }
    });
    return () => listening.stop();
  }, [form]);
  // Only now are the fields there that the files belong into.
  useEffect(() => {
    for (const [name, path] of dropped) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement) {
        field.value = path;
      }
    }
  }, [form, dropped]);
}

/** The files that the form holds already. */
function filled(form: HTMLFormElement | null): Map<FileName, string> {
  const typed = form === null ? new FormData() : new FormData(form);
  const held = (["path", ...certificateFiles] as const).map((name) => [name, String(typed.get(name) ?? "")] as const);
  return new Map(held.filter(([, path]) => path.trim() !== ""));
}
