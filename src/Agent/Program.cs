using var h = new HttpClient(new SocketsHttpHandler()); 
using var k = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
Console.WriteLine(Convert.ToHexString(k.ExportSubjectPublicKeyInfo()));
try { Console.WriteLine(await h.GetStringAsync(args[0])); } catch (Exception e) { Console.WriteLine(e.Message); }
return 0;
