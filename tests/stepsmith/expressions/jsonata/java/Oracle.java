import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers questions about Java's own library, a line each: what, and its arguments in Base64. */
public final class Oracle {
    private static String plain(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static String coded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String found(String source, String flags, String text) {
        int mask = (flags.contains("i") ? Pattern.CASE_INSENSITIVE : 0) | (flags.contains("m") ? Pattern.MULTILINE : 0);
        Matcher matcher = Pattern.compile(source, mask).matcher(text);
        if (!matcher.find()) {
            return "none";
        }
        StringBuilder result = new StringBuilder(matcher.start() + "," + matcher.end());
        for (int group = 1; group <= matcher.groupCount(); group++) {
            result.append('|').append(matcher.group(group) == null ? "null" : coded(matcher.group(group)));
        }
        return result.toString();
    }

    private static String number(String text) {
        BigDecimal decimal = new BigDecimal(Double.toString(Double.parseDouble(text)));
        return decimal.round(new MathContext(15, RoundingMode.FLOOR)).stripTrailingZeros().toString().replace("E", "e");
    }

    private static String answer(String[] question) {
        switch (question[0]) {
            case "random":
                return Double.toString(new Random((long) Double.parseDouble(plain(question[1]))).nextDouble());
            case "base64":
                return coded(new String(Base64.getDecoder().decode(plain(question[1])), StandardCharsets.UTF_8));
            case "mime":
                return coded(new String(Base64.getMimeDecoder().decode(plain(question[1])), StandardCharsets.UTF_8));
            case "url":
                return coded(URLDecoder.decode(plain(question[1]), StandardCharsets.UTF_8));
            case "number":
                return number(plain(question[1]));
            case "double":
                return Double.toString(Double.parseDouble(plain(question[1])));
            case "pattern":
                return found(plain(question[1]), plain(question[2]), plain(question[3]));
            default:
                throw new IllegalArgumentException(question[0]);
        }
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                out.println(answer(line.split("\t", -1)));
            } catch (RuntimeException refused) {
                out.println("refused");
            }
        }
        out.flush();
    }
}
