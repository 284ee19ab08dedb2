export { Fact, Facts, Part } from "../../../components";
